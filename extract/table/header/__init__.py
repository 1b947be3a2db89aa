"""Head: which rows of a sheet are the header of a table, and which of its columns feeds which field.

In: the rows of a sheet, and the names that a domain accepts. Out: a `Header`, or why there is none.

To add: a shape that a header may have goes into `finding`, what groups and merged cells make of its columns into
`columns`, what is asked of the columns of a field into `fields`, what is said of a header that cannot be read into
`header_errors`, and what comments and text boxes beside it say into `comments`.
"""
