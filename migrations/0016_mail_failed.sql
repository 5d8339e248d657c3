-- The dashboard counts the mails that were given up each time it is shown.
create index mail_failed on pbx.mail (id) where state = 'failed';
