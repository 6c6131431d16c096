"""Open services of statistical offices: which downloads a data set needs, and how they reach the workspace.

No service needs a key. A module a provider says which downloads there are (URL, name, expected cells); `retrieval` asks
for them, one after the other; `answer` says what came back; `shelf` keeps the raw bytes with their origin.
"""
