"""Find: which workbooks of a domain, of which month, in which order.

In: a directory or named files, the configuration of the domain and of discovery, and what the user wishes (`Wish`).
Out: `Discovered`: the files to read, oldest first, and those that were passed over, each with the reason.

To add: another way to choose among files goes into `discovery`; another mark of a version or a month in a name or
folder into `versions`. No file is opened here but containers (`containers`): a .zip, or an .eml with
attachments.
"""
