"""An outside plugin for plugwork: an executor, a file manager and a notification hook."""
