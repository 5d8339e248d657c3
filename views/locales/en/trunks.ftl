trunks-line = A trunk is a SIP line to a provider: it brings numbers and calls from and to the outside world.
trunks-empty = There is no trunk yet. Have the letter of your provider at hand; the next page asks for what is in it.
trunks-none = There is no trunk: calls go inside the company only.
all-trunks = All trunks
trunk-new = New trunk
trunk-create = Create trunk
trunk-tabs = Parts of this trunk
trunk-check = Check
trunk-delete = Delete
trunk-numbers = { $used } of { $total } numbers used
trunk-calls-today = { $count ->
    [one] { $n } call today
   *[other] { $n } calls today
 }
tab-numbers = Numbers
tab-settings = Settings

trunk-registered = Registered
trunk-registered-in = Registered, { $time }
trunk-registering = Registering
trunk-rejected = Rejected
trunk-rejected-since = Rejected since { $when }
trunk-unanswered = No answer
trunk-unanswered-since = No answer since { $when }
trunk-reachable = Fixed IP, reachable
trunk-reachable-in = Fixed IP, reachable { $time }
trunk-unreachable = Fixed IP, no answer
trunk-unreachable-since = Fixed IP, no answer since { $when }
trunk-fixed-ip = Fixed IP, not asked yet
refusal-credentials = wrong user name or password
refusal-unsaid = it refused without a reason we can see; most often the user name or the password is wrong
refusal-unknown-account = the provider does not know this account
refusal-no-address = the server's name does not exist
refusal-no-name-server = the name server does not answer
refusal-no-answer = no answer
refusal-no-tls = no encrypted connection; does the server speak TLS at this port? ({ $why })
refusal-certificate = the server's certificate is not to be trusted ({ $why })
refusal-fault = the provider has a fault ({ $status } { $words })
refusal-other = { $status } { $words }

trunk-experience-registered = Calls go in and out.
trunk-experience-registering = The provider has been asked; calls go in and out once it has accepted.
trunk-experience-rejected = No call comes in, and the provider may refuse calls out. Compare the settings with the provider's letter.
trunk-experience-unanswered = No call comes in or goes out. Is the server right, and does the firewall let SIP through?
trunk-experience-reachable = Calls go in and out.
trunk-experience-unreachable = No call goes out. Is the server right, and does the firewall let SIP through?
trunk-experience-unasked = Whether the provider answers is not known yet.
trunk-experience-disabled = It does not register, and no call comes in or goes out. Everything is kept.
trunk-provider = Provider
trunk-line = Connection
trunk-use = Use
trunk-last-answer = Last answer
trunk-expires = Registered until
trunk-next-attempt = Asked again
trunk-reachable-label = Answers
calls-this-week = Calls this week
calls-incoming = { $count ->
    [one] { $n } incoming
   *[other] { $n } incoming
 }
calls-outgoing = { $count ->
    [one] { $n } outgoing
   *[other] { $n } outgoing
 }

wizard = Steps to a new trunk
wizard-provider = Provider
wizard-values = Customer letter
wizard-check = Check
wizard-provider-line = Which provider is it? Then only what its customer letter contains is asked for.
wizard-values-title = New trunk: { $provider }
wizard-values-line = Copy these values from the provider's customer letter.
wizard-other = Another provider
country-at = Austria
country-ch = Switzerland
country-de = Germany
country-fr = France
country-it = Italy
country-nl = Netherlands
country-any = Any other provider

field-trunk-name = Name
field-trunk-name-help = What you call this trunk; callers never see it.
field-auth-mode = How the provider knows us
field-auth-mode-help = The customer letter has a user name and a password, or it names your fixed address.
auth-mode-registration = With password
auth-mode-ip = Fixed IP address
field-sip-server = SIP server
transport-udp = UDP
transport-tcp = TCP
transport-tls = TLS (encrypted)
field-secret-keep = Leave it empty to keep the stored one.
field-number-block = Numbers
field-number-block-help = As the contract has them: 042198961300-042198961399, 042198961300-99, a single number, or several of these separated by commas.
field-trunk-caller-id = Main number
field-trunk-caller-id-help = Shown when nothing else says which number to show.
field-from-user = User in From
field-from-user-help = Only if the provider asks for it; else the usual value is right.
field-trunk-codecs-help = The provider and the phone use the first one that both know.
field-trunk-enabled-help = When off, it does not register, and no call comes in or goes out.
codecs-provider = The provider's usual order:
trunk-expert-line = Codecs and what this provider seldom needs

check-title = { $name }: does it work?
check-line = The list follows what happens; there is nothing to reload.
check-good = Done:
check-bad = Failed:
check-open = Open:
check-name-waiting = Looking up the name { $server }.
check-name-found = The name { $server } leads to { $addresses }.
check-name-address = { $server } is an address and needs no look-up.
check-name-unknown = The name { $server } does not exist. Is it spelled as in the letter?
check-name-unanswered = The name server does not answer; where { $server } leads is not known.
check-answer-waiting = Asking the server.
check-answer-in = The server answers within { $time }.
check-answer-untrusted = The server answers, but its certificate is not to be trusted ({ $why }).
check-answer-no-tls = No encrypted connection to the server comes about ({ $why }). Does it speak TLS at this port?
check-answer-silent = The server does not answer. Is it the right one, and does the firewall let SIP through?
check-registration-waiting = Waiting for the provider to accept the registration.
check-registration-done = The provider accepted the registration.
check-registration-until = The provider accepted the registration; it is renewed before { $when }.
check-registration-refused = The provider refused the registration: { $reason }.
check-registration-refused-status = The provider refused the registration: { $status } { $reason }.
check-registration-disabled = The trunk is disabled: it does not register.
check-numbers = To the numbers
check-correct = Correct the settings

trunk-delete-title = Delete trunk { $name }?
trunk-delete-registration = It is logged off at the provider, and its settings are gone.
trunk-delete-numbers = { $count ->
    [one] { $n } assigned number leads nowhere any more.
   *[other] { $n } assigned numbers lead nowhere any more.
 }
trunk-delete-no-numbers = No number is assigned.
trunk-delete-extensions = { $count ->
    [one] { $n } extension cannot call outside any more:
   *[other] { $n } extensions cannot call outside any more:
 }
