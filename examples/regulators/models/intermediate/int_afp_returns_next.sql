{{ next_state_of('afp_returns') }}
