"""Routes for those who operate hosts: health, hosts, workers, the catalogue."""
