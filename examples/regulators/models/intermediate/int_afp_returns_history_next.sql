{{ next_history_of('afp_returns') }}
