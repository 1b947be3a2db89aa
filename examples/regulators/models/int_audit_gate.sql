-- One row: the batch whose next states have passed every error test, and the build that tested them.
{{ audit_gate() }}
