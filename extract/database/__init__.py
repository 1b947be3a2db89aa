"""Connect: the one connection factory, the transaction, the lock, signals, and the embedded server.

In: the settings (`targets`). Out: a `Target`, and transactions on it (`connection`), whose errors are ours and name the
database without its password.

To add: another message of the server that deserves its own error goes into `connection`; a setting of the embedded
server into `embedded`, `embedded_socket` or `embedded_user`. SQL on staging belongs into `extract.staging`.
"""
