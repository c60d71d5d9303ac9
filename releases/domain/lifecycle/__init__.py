"""Rules of the lifecycle of a release cycle: milestones, status, versions, sentences."""
