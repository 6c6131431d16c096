"""Models of the literature as they were published, for audiences, surveys and priors of one's own."""
