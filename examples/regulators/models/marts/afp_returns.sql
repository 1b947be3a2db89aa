{{ mart_of('afp_returns') }}
