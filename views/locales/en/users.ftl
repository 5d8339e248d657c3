nav-users = Users
users-line = Who may log in, with which role and which extension.
user-new = New user
user-new-line = A user sees the own extension only; an administrator everything.
user-create = Create user
user-you = (you)
user-must-change = Password to be changed
user-name-help = For logging in: letters, digits and . _ - @ +
user-role-help = Another role ends the sessions of this user.
user-language-browser = As the browser wishes
user-password-help = Left empty, one is generated and shown once.
user-password-line = All sessions of this user end when it is set.
user-password-set = Set password
user-password-made = New password for { $name }
user-password-once = This password is shown only now. At the first login it is replaced by an own one.
user-password-noted = I have noted it
user-must-change-label = To be changed at the next login
user-must-change-help = Then only this person knows the password.
user-extension-help = Its calls, messages and forwards are this user's. Empty: none. Whoever had it has it no more.
user-line = Who it is, what it may do, and where it is logged in.
user-sessions = Where this user is logged in
user-sessions-none = Nowhere.
user-factor-line = For somebody who has lost the app and the recovery codes.
user-factor-off = Take off the second factor
user-delete = Delete user
user-delete-title = Delete user { $name }?
user-delete-sessions = { $count ->
    [0] Logged in nowhere.
    [one] One session ends at once.
   *[other] { $n } sessions end at once.
}
user-delete-extension = This extension stays, and is nobody's:
user-delete-self = This is your own account.
flash-user-created = User { $name } was created.
flash-user-saved = User { $name } was saved.
flash-user-password-set = { $name } has a new password.
flash-user-signed-out = { $name } was signed out everywhere.
flash-user-factor-off = The second factor of { $name } is switched off.
flash-user-deleted = User { $name } was deleted.
user-person = Person
