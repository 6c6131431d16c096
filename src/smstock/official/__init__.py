"""Official statistics: files of the providers in, stock and population tables out.

`readers` finds the reader of a file by its content. A provider's readers stand under its name (`eurostat`, `oecd`,
`undesa`, `worldbank`, `census`), beside `tidy` and `copies` for files that are nobody's own layout, and `mapping` for
tables whose sidecar says what their columns are; `guess` and `draft` propose one. `fetch` obtains files, `holdings`
lists them, `resolver` chooses between them, `consistency` compares them. The rest is what readers share, from the
packed file (`rawfile`) to the rows of a table (`observations`).
"""
