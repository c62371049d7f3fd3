//! Rights, processes, services, disks, the firewall, and what runs by itself later.

use super::call::Call;
use super::scene::Scene;
use super::value::Category;
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("kill", kill), ("pkill", kill), ("killall", kill), ("xkill", kill), ("fuser", kill), ("systemctl", service),
    ("service", service), ("initctl", service), ("rc-service", service), ("launchctl", service),
    ("loginctl", service), ("journalctl", journal), ("dmesg", journal), ("crontab", crontab), ("at", later),
    ("batch", later), ("ip", ip), ("sysctl", sysctl), ("hostname", hostname), ("date", date), ("ifconfig", ip),
    ("route", ip), ("mount", mount), ("umount", always), ("swapoff", always), ("swapon", always), ("mkfs", always),
    ("fdisk", disk), ("parted", disk), ("sfdisk", disk), ("gdisk", disk), ("wipefs", always),
    ("cryptsetup", always), ("losetup", always), ("lvm", always), ("vgremove", always), ("lvremove", always),
    ("pvremove", always), ("blkdiscard", always), ("hdparm", always), ("mdadm", always), ("zfs", always),
    ("zpool", always), ("btrfs", always), ("mkswap", always), ("fsck", always), ("e2fsck", always),
    ("tune2fs", always), ("resize2fs", always), ("mkfs.ext4", always), ("mkfs.xfs", always), ("mkfs.btrfs", always),
    ("mkfs.vfat", always), ("mke2fs", always), ("iptables", always), ("ip6tables", always), ("nft", always),
    ("ufw", always), ("firewall-cmd", always), ("setenforce", always), ("aa-disable", always), ("visudo", always),
    ("passwd", always), ("chpasswd", always), ("useradd", always), ("userdel", always), ("usermod", always),
    ("groupadd", always), ("groupdel", always), ("adduser", always), ("deluser", always), ("chsh", always),
    ("chfn", always), ("gpasswd", always), ("newgrp", always), ("setcap", always), ("modprobe", always),
    ("insmod", always), ("rmmod", always), ("shutdown", always), ("reboot", always), ("poweroff", always),
    ("halt", always), ("init", always), ("telinit", always), ("efibootmgr", always), ("grub-install", always),
    ("update-grub", always), ("ldconfig", always), ("update-alternatives", always), ("hostnamectl", shows),
    ("timedatectl", shows), ("localectl", shows), ("nmcli", shows), ("resolvectl", shows), ("bluetoothctl", shows),
    ("renice", always), ("prlimit", always), ("gdb", debugger), ("lldb", debugger), ("gcore", always),
    ("tcpdump", always), ("tshark", always), ("auditctl", always), ("update-rc.d", always), ("chkconfig", always),
    ("dconf", shows), ("gsettings", shows), ("kwriteconfig5", always), ("xdg-mime", shows),
    ("update-desktop-database", always), ("pass", secrets), ("gpg", gpg), ("gpg2", gpg), ("secret-tool", secrets),
    ("security", keychain), ("ansible-vault", secrets), ("op", secrets), ("bw", secrets), ("vault", secrets), ("kwallet-query", secrets),
    ("sops", secrets), ("age", secrets), ("openssl", openssl),
];

fn always(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::Privilege,
        &call.span,
        format!("Changes the machine itself with {}: accounts, disks, the kernel or the network.", call.name),
    );
}

#[rustfmt::skip]
const SHOWS: &[&str] = &[
    "status", "show", "list", "get", "query", "statistics", "read", "dump", "list-schemas", "list-keys",
    "list-recursively", "list-timezones", "general", "connection", "device", "dev", "con", "g", "d", "timesync-status",
];
#[rustfmt::skip]
const SETS: &[&str] = &[
    "up", "down", "add", "delete", "modify", "connect", "disconnect", "set", "on", "off", "edit", "import", "reapply",
];

fn shows(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&[]);
    let sets = words.iter().any(|a| SETS.contains(&a.text.as_str()));
    if sets || words.first().is_some_and(|a| !SHOWS.contains(&a.text.as_str())) {
        always(scene, call);
    }
}

fn debugger(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::Interpreter,
        &call.span,
        "Starts a debugger, which can run anything and look into other programs.",
    );
}

fn kill(scene: &mut Scene<'_>, call: &Call<'_>) {
    let lists = call.has(&["-l", "-L", "--list", "--table"]) && call.name == "kill"
        || call.args.iter().any(|a| a.is("-0"))
        || call.name == "fuser" && !call.has(&["-k", "--kill"]);
    if !lists {
        scene.high(Category::Privilege, &call.span, "Ends running programs; what they have not saved is lost.");
    }
}

/// What a manager of services only tells.
#[rustfmt::skip]
const SERVICE_READS: &[&str] = &[
    "status", "show", "cat", "is-active", "is-enabled", "is-failed", "help", "get-default", "print", "list",
    "blame", "--status-all", "show-environment", "version", "hostinfo", "manageruid", "managername",
    "managerpid", "dumpstate", "error", "examine", "procinfo", "variant", "getenv", "dumpjpcategory",
    "resolveport",
];

fn service(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&["-t", "--type", "-p", "--property", "--state", "-n", "-H", "-M", "-o"]);
    let verb = if call.name == "service" { words.get(1) } else { words.first() };
    let read = verb.map_or(call.name != "launchctl", |a| {
        SERVICE_READS.contains(&a.text.as_str())
            || a.text.starts_with("list-")
            || a.text.ends_with("-status")
            || a.text.starts_with("print-")
    });
    if !read || call.has(&["-H", "--host"]) {
        scene.high(Category::Privilege, &call.span, "Starts, stops or changes a service of this machine.");
    }
}

fn journal(scene: &mut Scene<'_>, call: &Call<'_>) {
    let clears = call.name == "dmesg"
        && call.has(&[
            "-c",
            "-C",
            "--clear",
            "--read-clear",
            "-n",
            "--console-level",
            "-D",
            "-E",
            "--console-on",
            "--console-off",
        ]);
    if clears
        || call.args.iter().any(|a| {
            a.text.starts_with("--vacuum")
                || matches!(
                    a.text.as_str(),
                    "--rotate" | "--flush" | "--sync" | "--relinquish-var" | "--setup-keys" | "--update-catalog"
                )
        })
    {
        scene.high(Category::Delete, &call.span, "Deletes or changes the machine's logs.");
    }
}

fn crontab(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.has(&["-l"]) {
        scene.high(Category::Privilege, &call.span, "Changes what runs by itself at set times.");
    }
}

fn later(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.has(&["-l"]) {
        scene.high(Category::Privilege, &call.span, "Runs commands later, when nobody watches.");
    }
}

const NETWORK_CHANGES: &[&str] = &[
    "add", "del", "delete", "set", "flush", "change", "replace", "append", "up", "down", "exec", "a", "d", "restore",
    "netns", "attach", "save", "mtu", "promisc", "ether", "hw",
];

fn ip(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&["-f", "-family", "-rc", "-l"]);
    let from = usize::from(call.name == "ip");
    let show = words.iter().any(|a| matches!(a.text.as_str(), "show" | "list" | "ls" | "get" | "monitor"));
    let change = words.iter().skip(from).any(|a| NETWORK_CHANGES.contains(&a.text.as_str())) && !show
        || call.has(&["-b", "-batch", "-force"]);
    if change || call.name == "ifconfig" && call.args.len() > 1 {
        scene.high(Category::Privilege, &call.span, "Changes the machine's network.");
    }
}

fn sysctl(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.has(&["-w", "-p", "--write", "--load", "--system"]) || call.args.iter().any(|a| a.text.contains('=')) {
        scene.high(Category::Privilege, &call.span, "Changes a setting of the kernel.");
    }
}

fn hostname(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.operands(&[]).is_empty() || call.has(&["-F", "-b"]) && !call.has(&["-f"]) {
        scene.high(Category::Privilege, &call.span, "Changes the machine's name.");
    }
}

fn date(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.has(&["--set"]) || call.args.iter().any(|a| a.is("-s")) {
        scene.high(Category::Privilege, &call.span, "Changes the machine's clock.");
    }
}

fn mount(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.args.is_empty() && !call.args.iter().all(|a| matches!(a.text.as_str(), "-l" | "-V")) {
        always(scene, call);
    }
}

fn disk(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.has(&["-l", "--list"]) {
        always(scene, call);
    }
}

fn gpg(scene: &mut Scene<'_>, call: &Call<'_>) {
    let reads = [
        "--verify",
        "-k",
        "--list-keys",
        "--list-public-keys",
        "--fingerprint",
        "--list-sigs",
        "--list-packets",
        "-K",
        "--list-secret-keys",
        "--version",
        "--check-sigs",
        "--print-md",
    ];
    let runs = ["--photo-viewer", "--agent-program", "--dirmngr-program", "--exec-path", "--options", "--homedir"];
    if let Some(arg) = call.option(&runs) {
        scene.high(
            Category::Interpreter,
            &arg.span,
            "Makes gpg run another program, or take its settings from elsewhere.",
        );
    }
    if !call.args.iter().any(|a| reads.contains(&a.text.as_str())) {
        secrets(scene, call);
    }
}

fn secrets(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.args.first().is_some_and(|a| {
        matches!(a.text.as_str(), "status" | "version" | "--version" | "help" | "list" | "ls" | "--help" | "-h")
    }) {
        return;
    }
    scene.fact(call.index, &call.span, super::scene::Fact::Secret);
    scene.high(
        Category::Secret,
        &call.span,
        format!("Reads or changes what {} keeps: keys, tokens or passwords.", call.name),
    );
}

/// The keychain of macOS: certificates and names are no secrets, unless what they lock is printed too.
fn keychain(scene: &mut Scene<'_>, call: &Call<'_>) {
    let first = call.args.first().map_or("", |a| a.text.as_str());
    let public = [
        "find-certificate",
        "find-identity",
        "list-keychains",
        "show-keychain-info",
        "verify-cert",
        "dump-trust-settings",
        "get-identity-preference",
        "list-smartcards",
        "error",
    ];
    let names = first == "dump-keychain" && !call.has(&["-d"]);
    let asks = matches!(first, "default-keychain" | "login-keychain") && !call.has(&["-s"]);
    let translocation = first.starts_with("translocate-") && !first.ends_with("create");
    if !(public.contains(&first) || names || asks || translocation) {
        secrets(scene, call);
    }
}

fn openssl(scene: &mut Scene<'_>, call: &Call<'_>) {
    let first = call.args.first().map_or("", |a| a.text.as_str());
    for arg in call.args {
        let file = arg.text.strip_prefix("file:").map(|file| super::call::Arg { text: file.to_owned(), ..arg.clone() });
        file.into_iter().for_each(|file| scene.read(call.index, &file));
    }
    let takes = ["-kfile", "-in", "-data", "-extfile", "-inkey"];
    for file in call.args.windows(2).filter(|w| takes.contains(&w[0].text.as_str())).map(|w| &w[1]) {
        if scene.target(&file.text).secret && !matches!(first, "x509" | "crl" | "req" | "verify") {
            scene.read(call.index, file);
        }
    }
    match first {
        "version" | "help" | "list" | "ciphers" | "errstr" | "prime" | "speed" | "" => {}
        "engine" => {
            scene.high(Category::Interpreter, &call.span, "Loads a library into openssl, whose code runs at once.");
        }
        "s_client" => scene.medium(Category::NetworkRead, &call.span, "Connects to another machine."),
        "x509" | "crl" | "verify" | "asn1parse" | "dgst" | "req" | "rsa" | "pkey" | "rand" | "enc" | "ec"
        | "crl2pkcs7" | "pkcs7" | "ocsp" | "base64" | "storeutl" | "nseq" | "cms" => certificate(scene, call),
        _ => scene.medium(Category::Secret, &call.span, "Makes or changes keys and certificates."),
    }
}

fn certificate(scene: &mut Scene<'_>, call: &Call<'_>) {
    let public = matches!(call.args[0].text.as_str(), "x509" | "crl" | "req" | "verify");
    for arg in call
        .args
        .windows(2)
        .filter(|w| matches!(w[0].text.as_str(), "-in" | "-inkey" | "-key" | "-signkey"))
        .map(|w| &w[1])
    {
        if !public || !arg.text.ends_with(".pem") {
            scene.read(call.index, arg);
        }
    }
    if let Some((_, out)) =
        call.args.iter().position(|a| a.is("-out")).and_then(|i| call.args.get(i + 1)).map(|a| ((), a))
    {
        scene.write(out);
    }
    if call.args.iter().any(|a| matches!(a.text.as_str(), "-d" | "-base64" | "-a")) {
        scene.fact(call.index, &call.span, super::scene::Fact::Decode);
    }
}
