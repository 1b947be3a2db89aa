{{ restatements_of('afp_returns') }}
