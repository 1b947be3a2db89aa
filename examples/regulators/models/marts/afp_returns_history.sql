{{ history_of('afp_returns') }}
