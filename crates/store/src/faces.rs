//! How a school looks: its colour and its logo (OPS-9).

use jiff::Timestamp;
use school::accent::{Accent, Colour};
use school::logo::{Kind, Picture};
use school::{Actor, Refusal};
use sha2::{Digest as _, Sha256};

use crate::audit::Action;
use crate::database::Row;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{Kept, columns, values};

/// How a school looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    /// Its colour; ours, where it has none.
    pub accent: Option<Accent>,
    /// Its logo, where it has one.
    pub logo: Option<Logo>,
}

/// A logo, without its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Logo {
    /// Names its bytes.
    pub digest: String,
    /// Its width, pixels.
    pub width: u32,
    /// Its height, pixels.
    pub height: u32,
}

columns! {
    struct FaceRow {
        accent: String,
        digest: Option<String>,
        width: Option<u32>,
        height: Option<u32>,
    }
}

columns! {
    struct BytesRow {
        kind: Kind,
        bytes: Vec<u8>,
    }
}

impl Kept for Kind {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let kind: String = row.at(column)?;
        Self::of_media_type(&kind).ok_or(Fault::Broken("a logo of no kind"))
    }
}

impl FaceRow {
    fn face(self) -> Read<Face> {
        let accent = match self.accent.as_str() {
            "" => None,
            kept => {
                let accent = Colour::read(kept).and_then(|it| Accent::of(it).ok());
                Some(accent.ok_or(Fault::Broken("a colour that is none"))?)
            }
        };
        let logo = match (self.digest, self.width, self.height) {
            (Some(digest), Some(width), Some(height)) => Some(Logo {
                digest,
                width,
                height,
            }),
            (_, _, _) => None,
        };
        Ok(Face { accent, logo })
    }
}

impl Store {
    /// How the school looks.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where no such school is kept.
    pub async fn face(&self) -> Result<Face> {
        let mut work = self.glance().await?;
        let row: Option<FaceRow> = work
            .row(
                "SELECT accent, digest, width, height FROM schools
                 LEFT JOIN logos ON logos.school = schools.id
                 WHERE schools.id = $1",
                values![self.school],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?.face()?)
    }

    /// Gives the school another colour, or ours.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn change_accent(
        &self,
        accent: Option<Accent>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let accent = accent.map(|it| it.colour().to_string());
        let mut work = self.write().await?;
        work.run(
            "UPDATE schools SET accent = $2 WHERE id = $1",
            values![self.school, accent.unwrap_or_default()],
        )
        .await?;
        self.audit(&mut work, actor, Action::SchoolChanged, "school", &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Gives the school another logo, or none.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn change_logo(
        &self,
        logo: Option<(Picture, &[u8])>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run("DELETE FROM logos WHERE school = $1", values![self.school])
            .await?;
        if let Some((picture, bytes)) = logo {
            let digest = Sha256::digest(bytes);
            let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
            let digest: String = digest.collect();
            work.run(
                "INSERT INTO logos (school, kind, width, height, digest, bytes)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                values![
                    self.school,
                    picture.kind.media_type(),
                    picture.width,
                    picture.height,
                    digest,
                    bytes
                ],
            )
            .await?;
        }
        self.audit(&mut work, actor, Action::SchoolChanged, "school", &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// In what form the logo is kept; none where it is not the school's.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn logo_kind(&self, digest: &str) -> Result<Option<Kind>> {
        let mut work = self.glance().await?;
        let row = work
            .one(
                "SELECT kind FROM logos WHERE school = $1 AND digest = $2",
                values![self.school, digest],
            )
            .await?;
        Ok(row.map(|row| row.get(0)).transpose()?)
    }

    /// The logo of that name, with its kind; none where the school has another, or none.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn logo(&self, digest: &str) -> Result<Option<(Kind, Vec<u8>)>> {
        let mut work = self.glance().await?;
        let row: Option<BytesRow> = work
            .row(
                "SELECT kind, bytes FROM logos WHERE school = $1 AND digest = $2",
                values![self.school, digest],
            )
            .await?;
        Ok(row.map(|row| (row.kind, row.bytes)))
    }
}
