"""The commands beside the plan: each reads its flags, calls `orchestrate` once, and hands the result to `console`.

Takes words of a command line; gives what a person sees, and an error that run.py turns into the exit code. One module
per family of commands; `ALL` of commands/listed.py is the order in which they are registered. What only one command
needs is imported in its function, so that the others start without it.
"""
