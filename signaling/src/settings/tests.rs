use std::ffi::OsString;
use std::path::Path;

use school::Powers;

use super::given::{COMMENTED, Given, known_keys};
use super::{LogFormat, Settings, SettingsError};

/// Reads a file, and then an environment.
fn read_both(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let mut given = Given::default();
    given.add_file(Path::new("homeroom.toml"), text)?;
    let variables = variables.iter();
    given.add_environment(variables.map(|(name, value)| (OsString::from(name), value.into())));
    Settings::from_given(&given)
}

fn read(text: &str) -> Result<Settings, SettingsError> {
    read_both(text, &[])
}

fn refusal(text: &str) -> String {
    read(text).expect_err("it should be refused").to_string()
}

#[test]
fn commented_file_holds_every_key_with_its_default() {
    assert_eq!(
        read(COMMENTED).expect("it can be read"),
        Settings::default()
    );

    let uncommented: String = COMMENTED
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| format!("{}\n", line.strip_prefix('#').unwrap_or(line)))
        .collect();
    assert_eq!(
        read(&uncommented).expect("every default can be read"),
        Settings::default()
    );
}

/// What the type of the settings knows, by its own account, and what the file names are the same.
#[test]
fn the_file_names_every_key_there_is() {
    let unknown = |toml: &str| {
        let refused = toml::from_str::<Settings>(toml).expect_err("nobody knows it");
        let names = refused.message().split('`').skip(3).step_by(2);
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut keys = Vec::new();
    for table in unknown("unknown = 1") {
        let names = unknown(&format!("[{table}]\nunknown = 1"));
        keys.extend(names.iter().map(|name| format!("{table}.{name}")));
    }
    let mut named = known_keys();
    keys.sort_unstable();
    named.sort_unstable();
    assert_eq!(keys, named);
}

#[test]
fn every_key_is_known() {
    // These take any text there is.
    let free = [
        "acme.root",
        "cluster.key_file",
        "data.folder",
        "mail.smtp_host",
        "mail.smtp_user",
        "mail.smtp_password",
        "backup.folder",
        "import.folder",
        "openid.name",
        "texts.headers",
        "texts.body",
        "texts.user",
        "texts.password",
        "texts.jwt_issuer",
        "texts.jwt_secret",
        "webhooks.secret_file",
    ];
    for key in free {
        let (table, name) = key.split_once('.').expect("a key has two parts");
        read(&format!("[{table}]\n{name} = 'a=b=c'")).expect("any text will do");
    }
    for key in known_keys()
        .into_iter()
        .filter(|key| !free.contains(&key.as_str()))
    {
        let (table, name) = key.split_once('.').expect("a key has two parts");
        let said = refusal(&format!("[{table}]\n{name} = 'a=b=c'"));
        assert!(
            said.contains(&key) && !said.contains("unknown"),
            "{key}: {said}"
        );
    }
}

#[test]
fn unknown_key_is_named() {
    let said = refusal("[http]\nlisen = '127.0.0.1:1'");
    assert!(
        said.starts_with("unknown setting http.lisen in homeroom.toml"),
        "{said}"
    );
    assert!(said.contains("http.listen"), "{said}");
    // No more are named than those that may be meant.
    assert!(!said.contains("mail."), "{said}");
    let said = refusal("[http]\nsmtp_host = 'a'");
    assert!(said.ends_with("or use mail.smtp_host"), "{said}");
    let said = refusal("[htp]\nlisen = ''");
    assert!(
        said.contains("htp.lisen") && said.contains("[http], [acme]"),
        "{said}"
    );
    assert!(refusal("[htp]\nlisten = ''").contains("htp.listen"));
    assert!(refusal("listen = ''").contains("unknown setting listen"));
}

#[test]
fn a_provider_is_set_whole_and_trusted_with_the_schools_addresses_alone() {
    const WHOLE: &str = "[openid]\nissuer = 'https://id.school.example'\nclient_id = 'homeroom'\n\
                         client_secret = 'what nobody knows'\n";
    let whole = read(WHOLE).expect("it can be used").openid;
    assert_eq!(whole.called().as_deref(), Some("id.school.example"));
    for (issuer, called) in [
        ("https://accounts.google.com", "Google"),
        ("https://login.microsoftonline.com/9122/v2.0", "Microsoft"),
    ] {
        let issuer = WHOLE.replace("https://id.school.example", issuer);
        let issuer = format!("{issuer}domains = 'school.example'\n");
        let openid = read(&issuer).expect("it can be used").openid;
        assert_eq!(openid.called().as_deref(), Some(called));
    }
    let named = read(&format!("{WHOLE}name = 'the trust'\n")).expect("it can be used");
    assert_eq!(named.openid.called().as_deref(), Some("the trust"));
    for (text, sentence) in [
        (
            WHOLE.replace("client_secret", "#client_secret"),
            "openid.issuer is set and openid.client_secret is not: set both, or neither",
        ),
        (
            WHOLE.replace("issuer", "#issuer"),
            "openid.client_id is set and openid.issuer is not: set both, or neither",
        ),
        (
            format!("{WHOLE}trust_addresses = true"),
            "openid.trust_addresses is set and openid.domains is not: name the domains of the school's own \
             addresses, so that nobody else's are taken",
        ),
        (
            WHOLE.replace("https://id.school.example", "https://accounts.google.com"),
            "openid.issuer is Google's and openid.domains is not set: name the domains of the school's \
             Workspace, so that nobody else's accounts are taken",
        ),
        (
            "[openid]\nonly = true".to_owned(),
            "openid.only is set and openid.issuer is not: set the provider, or leave passwords be",
        ),
        (
            WHOLE.replace("https://id", "http://id"),
            "the setting openid.issuer in homeroom.toml cannot be \"http://id.school.example\": give an \
             https:// URL as the provider has it, such as https://accounts.google.com, or nothing",
        ),
        (
            format!("{WHOLE}domains = ['school.example', 'ada@x']"),
            "the setting openid.domains in homeroom.toml cannot be \"school.example,ada@x\": give domains \
             of e-mail addresses, such as [\"hillroad.example\"]",
        ),
    ] {
        assert_eq!(refusal(&text), sentence);
    }
    let domains =
        format!("{WHOLE}domains = ['School.example', 'x.example']\ntrust_addresses = true");
    let domains = read(&domains).expect("it can be used").openid.domains;
    assert_eq!(domains, ["school.example", "x.example"]);
}

#[test]
fn receivers_of_webhooks_are_https_and_have_a_secret() {
    let whole = "[webhooks]\nurls = ['https://hooks.school.example/a', 'http://127.0.0.1:9']\n\
                 secret_file = '/etc/homeroom/webhooks'\nevents = ['call.ended']\n";
    let webhooks = read(whole).expect("it can be used").webhooks;
    assert_eq!(webhooks.urls.len(), 2);
    assert_eq!(webhooks.events, [store::Hook::Ended]);
    let wanted = "the setting webhooks.urls in homeroom.toml cannot be \"…\": give up to four https:// URLs, \
                  http:// for this machine alone, without a user, a password or a #";
    for bad in [
        "http://hooks.school.example/a",
        "https://ada:secret@hooks.school.example/a",
        "https://a.example','https://b.example','https://c.example','https://d.example','https://e.example",
    ] {
        let text = whole.replace("https://hooks.school.example/a", bad);
        assert_eq!(refusal(&text), wanted, "{bad}");
    }
    assert_eq!(
        refusal(&whole.replace("secret_file", "#secret_file")),
        "webhooks.urls is set and webhooks.secret_file is not: set both, or neither"
    );
    assert_eq!(
        refusal(&whole.replace("call.ended", "call.over")),
        "the setting webhooks.events in homeroom.toml cannot be \"call.over\": give some of call.joined, \
         call.left, call.evicted, call.ended, invitation.sent, mail.bounced; there is no event \"call.over\""
    );
}

#[test]
fn a_certificate_that_cannot_be_issued_is_refused() {
    for (text, sentence) in [
        (
            "[acme]\ndirectory = 'letsencrypt'\n[http]\npublic_url = 'https://203.0.113.7'",
            "acme.directory is set, and http.public_url is no https:// address with a name: set it to \
             what people type, such as https://calls.school.example",
        ),
        (
            "[acme]\ndirectory = 'letsencrypt'\n[http]\ntls_certificate = 'a.pem'\ntls_key = 'b.pem'",
            "acme.directory and http.tls_certificate are both set: leave one empty, and the \
             certificate is asked for, or taken from its file",
        ),
        (
            "[http]\nplain_listen = '0.0.0.0:80'\npublic_url = 'http://calls.school.example'",
            "http.plain_listen is set, and http.public_url is no https:// address to lead people on \
             to: set it, or leave http.plain_listen empty",
        ),
        (
            "[acme]\ndirectory = 'http://ca.school.example/'",
            "the setting acme.directory in homeroom.toml cannot be \"http://ca.school.example/\": give \
             letsencrypt, letsencrypt-staging to try it out, or the https:// URL of another ACME \
             server's directory, without a user and a password",
        ),
    ] {
        assert_eq!(refusal(text), sentence);
    }
}

#[test]
fn no_address_is_for_two_things_and_no_port_beyond_the_last() {
    let check = |text: &str| {
        let settings = read(text).expect("each value can be used");
        settings
            .check_listening()
            .map_err(|error| error.to_string())
    };
    let plain = "[http]\npublic_url = 'https://a.example'\n";
    let own = "give it one of its own, such as";
    for (text, sentence) in [
        (
            format!("{plain}listen = '0.0.0.0:80'\nplain_listen = '0.0.0.0:80'"),
            format!("http.plain_listen is the address of http.listen too: {own} 0.0.0.0:80"),
        ),
        (
            "[http]\nlisten = '127.0.0.1:8081'".to_owned(),
            format!("media.listen is the address of http.listen too: {own} 0.0.0.0:8081"),
        ),
        (
            format!("{plain}plain_listen = '[::]:80'\n[media]\nlisten = '192.0.2.1:80'"),
            format!("media.listen is the address of http.plain_listen too: {own} 0.0.0.0:8081"),
        ),
        (
            "[http]\nlisten = '0.0.0.0:8083'\n[media]\nlisten = '192.0.2.1:8081'\nworkers = 3".to_owned(),
            "media.listen has the port 8081, and of its 3 workers each takes one, counted on from there: 8083 is \
             that of http.listen, so give another to one of both, or fewer workers with media.workers"
                .to_owned(),
        ),
        (
            "[media]\nlisten = '127.0.0.1:65535'\nworkers = 4".to_owned(),
            "media.listen has the port 65535, and of its 4 workers each takes one, counted on from there: the last \
             port is 65535, so give 65532 or a lower one, or fewer workers with media.workers"
                .to_owned(),
        ),
    ] {
        assert_eq!(check(&text), Err(sentence));
    }
    for free in [
        "[media]\nlisten = '127.0.0.1:65535'\nworkers = 1",
        "[media]\nlisten = '127.0.0.1:65532'\nworkers = 4",
        "[media]\nlisten = '127.0.0.1:0'\nworkers = 64",
        "[http]\nlisten = '127.0.0.1:0'\n[media]\nlisten = '127.0.0.1:0'",
        "[http]\nlisten = '192.0.2.1:8080'\n[media]\nlisten = '192.0.2.2:8080'\nworkers = 1",
        "[http]\nlisten = '[::1]:8080'\n[media]\nlisten = '0.0.0.0:8080'\nworkers = 1",
    ] {
        assert_eq!(check(free), Ok(()), "{free}");
    }
}

#[test]
fn wrong_values_say_what_to_give() {
    for (text, sentence) in [
        (
            "[backup]\nfolder = '/backups'\n[database]\nurl = 'postgres://here/school'",
            "backup.folder is set, and the records are in PostgreSQL: leave it empty, and have pg_dump \
             copy the database every night",
        ),
        (
            "[backup]\nat = '25:00'",
            "the setting backup.at in homeroom.toml cannot be \"25:00\": give a time of the day, such as \
             02:30",
        ),
        (
            "[metrics]\ntoken = 'short'",
            "the setting metrics.token in homeroom.toml cannot be \"…\": give 24 to 200 letters, digits \
             and -._~+/=, as from `openssl rand -base64 24`",
        ),
        (
            "[calls]\ncap = 5",
            "the setting calls.cap in homeroom.toml cannot be \"5\": give a whole number from 1 to 4",
        ),
        (
            "[powers]\nguest = ['blur', 'fly']",
            "the setting powers.guest in homeroom.toml cannot be \"blur,fly\": give some of admit, disconnect, mute, invite, extend, blur, stop; there is no power \"fly\"",
        ),
        (
            "[http]\nlisten = '8080'",
            "the setting http.listen in homeroom.toml cannot be \"8080\": give an IP address and a port, such as 127.0.0.1:8080",
        ),
    ] {
        assert_eq!(refusal(text), sentence);
    }
    for text in [
        "[calls]\ncap = 0",
        "[calls]\ngrace_s = -1",
        "[calls]\nhold_seat_for_parent = 'perhaps'",
        "[media]\nworkers = 65",
        "[media]\nannounce = ['here']",
        "[http]\npublic_url = 'calls.example.org'",
        "[http]\npublic_url = 'https://calls.example.org/path'",
        "[log]\nformat = 'xml'",
        "[log]\nfilter = 'a=b=c'",
        "[limits]\nconnections = 0",
        "[http]\nlisten = { ip = '::1' }",
        "[acme]\ndirectory = 'https://'",
        "[acme]\ndirectory = 'https://a b/'",
        "[acme]\ncontact = 'nobody'",
    ] {
        let said = refusal(text);
        assert!(said.contains("give") || said.contains("unknown"), "{said}");
    }
    let said = refusal("[http]\nlisten = ");
    assert!(
        said.contains("homeroom.toml is not valid TOML: line 2"),
        "{said}"
    );
}

#[test]
fn what_is_no_toml_says_what_to_write_instead_and_shows_no_value() {
    let said =
        refusal("[http]\nlisten = '127.0.0.1:1'\n[log]\n[http]\npublic_url = 'https://a.example'");
    let twice = "line 4: duplicate key; where [http] stands in the file already, put what is below this line below";
    assert!(said.contains(twice), "{said}");
    let said = refusal("[http]\nlisten = 0.0.0.0:443");
    assert!(
        said.contains("texts stand in quotation marks: listen = \"...\""),
        "{said}"
    );
    let said = refusal("[mail]\nsmtp_password = 'one'\nsmtp_password = 'two'");
    assert!(
        said.contains("line 3: duplicate key; set smtp_password once"),
        "{said}"
    );
    let said = refusal("[mail]\nsmtp_password = open-sesame");
    assert!(
        said.contains("smtp_password = \"...\"") && !said.contains("sesame"),
        "{said}"
    );
}

/// As the files were that a school's person wrote by hand; the secret is nowhere in what is said of them.
#[test]
fn nothing_of_a_secret_is_said_whatever_is_wrong_with_the_file() {
    for text in [
        "[mail]\nsmtp_password \"S3cr=et\"",
        "[mail]\nsmtp_password = S3cret",
        "[mail]\nsmtp_password = \"S3cret\"S3cret\"",
        "[mail]\nsmtp_password: \"S3cret=x\"",
        "[mail]\nsmtp_password = 'S3\nS3cret=1'",
        "[texts]\nheaders = \"Content-Type: text/plain\nAuthorization: Bearer S3cret==\"",
        "[texts]\nheaders = \"Authorization: Bearer\nS3cretS3cret==\"",
        "[texts]\nheaders = 'X: y\n[S3cret]\nbody'",
        "[texts]\nheaders = \"X: y\"\n\"Authorization: Bearer S3cret\" = \"\"",
        "\"Authorization: Bearer S3cret\" = 1",
        "[texts]\nbody = \"\"\"S3cret",
        "smtp_password = S3cret",
    ] {
        let said = refusal(text);
        assert!(!said.contains("S3cr"), "{text}: {said}");
    }
    let said = refusal("[mail]\nsmtp_password \"S3cr=et\"");
    assert!(
        said.ends_with("texts stand in quotation marks: smtp_password = \"...\""),
        "{said}"
    );
    let said =
        refusal("[texts]\nheaders = \"Content-Type: text/plain\nAuthorization: Bearer S3cret==\"");
    assert!(
        said.ends_with("a text over several lines between \"\"\" and \"\"\""),
        "{said}"
    );
}

#[test]
fn no_url_is_said_with_a_password_in_it() {
    for (key, said) in [
        ("http.public_url", "https://…@host.example/a"),
        ("openid.issuer", "https://…@host.example/a"),
        ("acme.directory", "https://…@host.example/a"),
        ("import.wonde_url", "https://…@host.example/a"),
        ("mail.smtp_host", "https://…@host.example/a"),
        ("cluster.address", "https://…@host.example/a"),
        ("media.listen", "https://…@host.example/a"),
        ("webhooks.urls", "…"),
        ("database.url", "…"),
        ("cluster.redis_url", "…"),
        ("texts.url", "…"),
    ] {
        let (table, name) = key.split_once('.').expect("a key has two parts");
        for user in ["ada:S3cret", "ada:S3cret:S3cr@et", "S3cret:"] {
            let url = format!("https://{user}@host.example/a");
            // A gateway may have one.
            let url = if key == "texts.url" {
                url.replace("https", "x")
            } else {
                url
            };
            let refused = refusal(&format!("[{table}]\n{name} = '{url}'"));
            assert!(!refused.contains("S3cr"), "{refused}");
            let says = format!("cannot be {said:?}: give ");
            assert!(refused.contains(&says), "{refused}");
        }
    }
    let refused = refusal("[http]\nlisten = 'ada:S3cret@127.0.0.1:1'");
    assert!(refused.contains("cannot be \"…@127.0.0.1:1\""), "{refused}");
    let refused = refusal("[acme]\ncontact = 'office@'");
    assert!(refused.contains("cannot be \"office@\""), "{refused}");
}

#[test]
fn environment_wins_over_the_file() {
    let variables = [
        ("HOMEROOM__CALLS__CAP", "3"),
        ("HOMEROOM__MEDIA__ANNOUNCE", "192.0.2.1, 2001:db8::1"),
        ("HOMEROOM__POWERS__GUEST", "blur"),
        ("PATH", "/bin"),
    ];
    let text = "[calls]\ncap = 2\ngrace_s = 9\n[log]\nformat = 'json'";
    let settings = read_both(text, &variables).expect("all are right");
    assert_eq!(settings.calls.cap, 3);
    assert_eq!(settings.powers.guest.to_string(), "blur");
    assert_eq!(settings.powers.teacher, Powers::ALL);
    assert_eq!(settings.calls.grace.as_secs(), 9);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.media.announce.len(), 2);
}

#[test]
fn unknown_variable_is_named() {
    let said = read_both("", &[("HOMEROOM__CALLS__CAPP", "3")])
        .expect_err("nobody knows it")
        .to_string();
    assert!(
        said.starts_with(
            "unknown setting calls.capp in the environment variable HOMEROOM__CALLS__CAPP"
        ),
        "{said}"
    );
}

#[test]
fn what_may_be_secret_is_not_said_again() {
    let said = refusal("[database]\nurl = 'mysql://root:hunter2@db/school'");
    assert!(
        said.contains("database.url in homeroom.toml cannot be"),
        "{said}"
    );
    assert!(said.contains("give a URL such as postgres://"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn missing_file_is_named() {
    let said = Settings::read(Some(Path::new("/nowhere/homeroom.toml")))
        .expect_err("it is not there")
        .to_string();
    assert!(
        said.starts_with("cannot read the settings file /nowhere/homeroom.toml"),
        "{said}"
    );
}

#[test]
fn a_certificate_needs_its_key() {
    let said = refusal("[http]\ntls_certificate = '/a.pem'");
    assert_eq!(
        said,
        "http.tls_certificate is set and http.tls_key is not: set both, or neither"
    );
    assert!(refusal("[http]\ntls_key = '/a.pem'").contains("tls_certificate is not"));
    let both =
        read("[http]\ntls_key = '/a.pem'\ntls_certificate = '/b.pem'").expect("both are set");
    assert_eq!(both.tls().map(|tls| tls.certificate), Some("/b.pem".into()));
    assert!(
        both.public_url(both.http.listen)
            .to_string()
            .starts_with("https://")
    );
}

#[test]
fn a_node_has_all_that_it_needs_or_is_none() {
    let node = "[database]\nurl = \"postgres://a@b/c\"\n[cluster]\nname = \"north\"\n";
    let listens = format!("{node}listen = \"127.0.0.1:8090\"\n");
    let whole = format!("{listens}key_file = \"key\"\n");
    let read_whole = read(&whole).expect("it is whole").cluster.node();
    assert_eq!(read_whole.map(|it| it.name).as_deref(), Some("north"));
    assert!(Settings::default().cluster.node().is_none());
    for (text, missing) in [
        (node.to_owned(), "cluster.listen"),
        (listens, "cluster.key_file"),
        (
            "[cluster]\nlisten = \"127.0.0.1:8090\"\n".to_owned(),
            "cluster.name",
        ),
        (
            whole.replace("url = \"postgres://a@b/c\"", ""),
            "database.url",
        ),
    ] {
        let refused = refusal(&text);
        assert!(refused.contains(missing), "{refused}");
    }
    // Other nodes go to where it says it is.
    let anywhere = whole.replace("127.0.0.1", "0.0.0.0");
    let refused = refusal(&anywhere);
    assert!(refused.contains("cluster.address"), "{refused}");
    assert!(read(&format!("{anywhere}address = \"north.example.org:8090\"\n")).is_ok());
    let refused = refusal("[cluster]\nname = \"North 1\"\n");
    assert!(refused.contains("small letters"), "{refused}");
    // It may hold a password.
    let refused = refusal("[cluster]\nredis_url = \"http://secret@host\"\n");
    assert!(
        refused.contains("redis://") && !refused.contains("secret"),
        "{refused}"
    );
}

/// Other nodes compare what each of these changes, and nothing else.
#[test]
fn what_is_to_be_the_same_at_all_nodes_has_a_digest_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = ["one", "other", "again"].map(|name| folder.path().join(name));
    for (file, text) in secrets
        .iter()
        .zip(["whsec_1\n", "whsec_2\n", " whsec_1\n\n"])
    {
        std::fs::write(file, text).expect("room");
    }
    let [one, other, again] = secrets.each_ref().map(|it| it.display());
    let hooks =
        |file| format!("[webhooks]\nurls = [\"https://a.example\"]\nsecret_file = \"{file}\"");
    let openid = |secret| {
        format!(
            "[openid]\nissuer = \"https://a.example\"\nclient_id = \"a\"\nclient_secret = \"{secret}\""
        )
    };
    let text = str::to_owned;
    let changed = [
        (
            text("[calls]\ncap = 4"),
            text("[calls]\ncap = 3"),
            Some("calls.cap"),
        ),
        (
            openid("s3cret"),
            openid("S3cret"),
            Some("openid.client_secret"),
        ),
        (hooks(&one), hooks(&other), Some("webhooks.secret_file")),
        (hooks(&one), hooks(&again), None),
        (
            text("[limits]\nsign_ins_per_address_per_min = 20"),
            text("[limits]\nsign_ins_per_address_per_min = 21"),
            Some("limits.sign_ins_per_address_per_min"),
        ),
        (
            text("[limits]\nconnections = 10000"),
            text("[limits]\nconnections = 100\n[media]\nworkers = 2"),
            None,
        ),
    ];
    let all = |text: &str| {
        read(text)
            .expect("it can be read")
            .alike(|key, value| format!("{key} {value}"))
    };
    for (before, after, key) in changed {
        let (before, after) = (all(&before), all(&after));
        assert!(before.keys().eq(after.keys()));
        let differ = before
            .iter()
            .filter(|(key, its)| after.get(*key) != Some(*its));
        let differ: Vec<_> = differ.map(|it| it.0.as_str()).collect();
        assert_eq!(differ, Vec::from_iter(key));
    }
}
