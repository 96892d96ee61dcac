"""Words: every sentence and label of the page, in English, a module a part; `{name}` is filled in where it is used."""
