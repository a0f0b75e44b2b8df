//! E-mails that a test's server has written into its folder.

use tokio::time::timeout;

use super::school::School;
use super::{PATIENCE, a_moment};

/// Every e-mail to that address that is there by now. An address that ends like it is another's.
pub(crate) fn to(school: &School, address: &str) -> Vec<String> {
    let folder = school.folder.path().join("mail");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = files.map(|file| file.path());
    // What is still being written has another name.
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "eml"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|text| is_to(text, address))
        .collect()
}

/// The first e-mail to that address of which `of` makes something, once there is one.
pub(crate) async fn until_to<T>(
    school: &School,
    address: &str,
    of: impl Fn(&str) -> Option<T>,
) -> T {
    let arrives = async {
        loop {
            match to(school, address).iter().find_map(|text| of(text)) {
                Some(found) => return found,
                None => a_moment().await,
            }
        }
    };
    timeout(PATIENCE, arrives).await.expect("it is sent")
}

fn is_to(text: &str, address: &str) -> bool {
    let mut heads = text.lines().take_while(|line| !line.is_empty());
    heads.any(|line| {
        let mut words = line.split([' ', '<', '>', ',', '"']);
        words.any(|word| word.eq_ignore_ascii_case(address))
    })
}

#[test]
fn an_address_that_ends_like_it_is_anothers() {
    let text =
        "Subject: You are invited\r\nTo: \"Parent 11\"\r\n <p11@x.example>\r\n\r\np1@x.example\r\n";
    assert!(is_to(text, "P11@x.example"));
    assert!(!is_to(text, "p1@x.example"));
    assert!(is_to("To: p1@x.example\r\n\r\n", "p1@x.example"));
}
