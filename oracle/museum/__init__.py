"""The museum: a static site of every finding in docs/findings, and of the documents beside it.

`findings` reads the pages and checks what stands at their head, `catalogue` writes the Markdown
that the site adds, `site` puts all of it together and lets Sphinx make pages of it.
"""
