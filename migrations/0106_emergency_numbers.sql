-- An extension with the number of an emergency call would share its row of the dialplan: one of the two could not be called,
-- and taking the emergency number off the list would leave the extension without a row. Both sides wait for each other.

create or replace function pbx.guard_number() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from extensions where context = 'custom' and exten = new.number) then
    raise exception using errcode = 'unique_violation', constraint = 'extension_number_custom',
      message = format('extension %s: context custom has rows for this number', new.number),
      hint = 'Choose another number, or remove the rows of extensions in context custom first.';
  end if;
  perform pg_advisory_xact_lock_shared(hashtextextended('pbx.emergency_numbers', 0));
  if exists (select from pbx.setting s where s.key = 'emergency_numbers' and s.value ? new.number::text) then
    raise exception using errcode = 'unique_violation', constraint = 'extension_number_emergency',
      message = format('extension %s: this is an emergency number', new.number),
      hint = 'Choose another number, or take it off emergency_numbers in pbx.setting first.';
  end if;
  return new;
end $$;

create function pbx.guard_emergency_numbers() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  taken text;
begin
  -- An upsert comes here as an insert; what is there already is nobody's mistake of now.
  if new.value is not distinct from (select s.value from pbx.setting s where s.key = new.key) then return new; end if;
  perform pg_advisory_xact_lock(hashtextextended('pbx.emergency_numbers', 0));
  select string_agg(x.number, ', ' order by x.number) into taken
    from jsonb_array_elements_text(new.value) e (number) join pbx.extension x on x.number = e.number;
  if taken is not null then
    raise exception using errcode = 'unique_violation', constraint = 'setting_emergency_number_taken',
      message = format('setting.emergency_numbers: %s is an extension', taken),
      hint = 'Rename or delete the extension first; a number is one of the two.';
  end if;
  return new;
end $$;
-- After "guard", which looks whether it is a list at all: triggers fire in the order of their names.
create trigger guard_emergency_numbers before insert or update on pbx.setting for each row
  when (new.key = 'emergency_numbers') execute function pbx.guard_emergency_numbers();

revoke execute on function pbx.guard_emergency_numbers() from public;
