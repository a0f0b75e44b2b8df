//! What nodes are set to, as each writes it down when it begins.

use super::SET;
use crate::database::Database;
use crate::fault::Fault;
use crate::store::{Place, Store};
use crate::value::{columns, values};

columns! {
    /// What a node that runs is set to, as it has written it down.
    #[derive(Clone, Debug)]
    pub struct SettingsOfNode {
        /// What it is called.
        pub name: String,
        /// What it is set to.
        pub settings: String,
    }
}

impl Store {
    /// What the nodes that run are set to. Nothing is changed in the records, whatever version they are of.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn settings_of_nodes(place: &Place) -> Result<Vec<SettingsOfNode>, Fault> {
        let Place::Postgres(url) = place else {
            return Ok(Vec::new());
        };
        let database = Database::open_postgres(url).await?;
        let mut work = database.read().await?;
        let is_written = "SELECT COUNT(*) FROM information_schema.columns
                          WHERE table_schema = current_schema() AND table_name = 'nodes'
                            AND column_name = 'settings'";
        if work.count(is_written, values![]).await? == 0 {
            return Ok(Vec::new());
        }
        work.rows(SET, values![]).await
    }
}
