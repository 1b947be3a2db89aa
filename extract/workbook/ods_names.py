"""The namespaces of an ods, as the names of elements and attributes begin with them. Standard: OpenDocument 1.3."""

OFFICE, TABLE, TEXT, STYLE, NUMBER, DRAWING, FORMATTING = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for name in ("office", "table", "text", "style", "datastyle", "drawing", "xsl-fo-compatible")
)
