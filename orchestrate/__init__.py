"""What drives dbt and the extract together: the profile, the build."""
