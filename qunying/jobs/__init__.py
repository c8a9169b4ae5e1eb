"""任务: long work that a person can watch. A job is a row; the engine (django-tasks-db) only carries its
number, so what is enqueued rolls back with the transaction, and a worker that dies leaves a job whose lease
another one takes over."""
