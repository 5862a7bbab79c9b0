"""Questions asked of the store: figures for people and for metrics. Changes nothing."""
