{{ versions_of('afp_returns') }}
