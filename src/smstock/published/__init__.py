"""Models of the literature as they were published, for audiences, surveys and priors of one's own.

`docs/published.md` says for each which table it reads, with an example.
"""
