-- When a session was used last, written at most once a minute: people tell their sessions apart by it.
alter table pbx.session add column used_at timestamptz not null default now();
