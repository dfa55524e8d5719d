create table records (
    created timestamptz not null,
    level integer not null,
    logger text not null,
    message text not null,
    peer text not null,
    record jsonb not null
);
create index on records (created);
