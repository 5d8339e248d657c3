nav-changes = Changes
changes-line = Who changed what, newest first. Any of it can be taken back.
filter-actor = Who
filter-kind = What
filter-object = Name or number
kind-extension = Extension
kind-forward = Forwards of
kind-mailbox = Mailbox
kind-number = Number
kind-trunk = Trunk
kind-user = User
kind-api-key = API key
kind-setting = Setting
kind-dialplan = Dialplan row
kind-endpoint = Endpoint
kind-queue = Queue
kind-music = Music on hold
kind-other = Other
act-undo = Undone
act-import = Imported
act-reconcile = Brought up to date
act-signed-out = Signed out
changes-rows = { $count ->
    [one] { $n } row
   *[other] { $n } rows
}
changes-undoes = takes back { $tx }
changes-undone = undone
changes-all-rows = All rows of this change
changes-one = Change { $tx }
changes-too-many = There is more than is shown here.
undo = Undo
undo-title = Undo a change
undo-conflicts = { $count ->
    [one] Somebody has changed { $n } value since.
   *[other] Somebody has changed { $n } values since.
}
undo-rest = { $count ->
    [one] Everything else, { $n } object, can be taken back.
   *[other] Everything else, { $n } objects, can be taken back.
}
undo-decide = Decide for each of them. Nothing has been changed yet.
undo-now = Undo as chosen
undo-keep-all = Keep all newer values
undo-take-all = Take all old values back
conflict-changed = It has another value now.
conflict-gone = It is gone now: there is nothing to give the old value to.
conflict-back = It is there again, with another value.
conflict-taken = Somebody else has its old name now.
conflict-dependant = It came later, and would be deleted along.
conflict-made = The change made it:
conflict-keep = Keep what is now
conflict-take = Take back
flash-undone = Change { $tx } is undone.
