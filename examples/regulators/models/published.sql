-- One row: the batch of which all marts of this project are. It is written last.
{{ written_last() }}
