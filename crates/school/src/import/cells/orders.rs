//! What the cells of a row say of court orders, also where the row cannot be taken (DIR-4).

use super::Cells;
use crate::import::columns::{Column, MOST_GUARDIANS, Part, shown, speaks_of_orders};
use crate::import::{Guardian, ListedOrder};
use crate::text::{self, EmailAddress, Name};

impl Cells<'_> {
    /// Whether the row says that a court order is in force on a guardian, who is the only one it may mean.
    pub(super) fn has_order(&self, nth: u8) -> bool {
        let mut said = self.columns.orders(self.record);
        said.any(|(of, cell)| of == nth && says_order(cell))
    }

    /// Refuses a row that says an order of whom nobody can tell: of a guardian whom it does not name, or of one of
    /// several under a heading that may be about either.
    pub(super) fn check_orders(&self, guardians: &[Guardian]) -> Result<(), String> {
        let is_numbered = self.columns.orders(self.record).any(|(of, _)| of > 1);
        let said = self.columns.orders(self.record);
        for (nth, cell) in said.filter(|(_, cell)| says_order(cell)) {
            let is_theirs = self.guardian_name(nth).is_some();
            let may_be_others = nth == 1 && !is_numbered && guardians.len() > 1;
            if !is_theirs || may_be_others {
                let column = Column::Guardian(nth, Part::CourtOrder).name();
                return Err(format!(
                    "In {column}: this says \"{}\", and not of whom. Enter the court order on that person's page here, or give each guardian a column of their own (\"Guardian 2 court order\").",
                    shown(cell)
                ));
            }
        }
        if speaks_of_orders(&self.student()) {
            return Err(
                "In student: this speaks of a court order, and not on whom. Write the name alone, and enter the order on that person's page here.".to_owned(),
            );
        }
        Ok(())
    }

    /// The orders that a row says which cannot be taken, each where it may be on one guardian alone.
    pub(super) fn said_orders(&self, line: u64) -> Vec<ListedOrder> {
        let guardians = (1..=MOST_GUARDIANS).filter_map(|nth| {
            let (name, email) = self.reached(nth);
            (!name.is_empty() || email.is_some()).then_some((nth, name, email))
        });
        let guardians: Vec<_> = guardians.collect();
        let is_numbered = self.columns.orders(self.record).any(|(of, _)| of > 1);
        let may_be_others = guardians.len() > 1 && !is_numbered;
        let is_barred = |nth: u8, name: &str| {
            let relationship = self.text(Column::Guardian(nth, Part::Relationship));
            let is_theirs = self.has_order(nth) && !(nth == 1 && may_be_others);
            is_theirs || speaks_of_orders(name) || speaks_of_orders(relationship)
        };
        let barred = guardians.into_iter();
        let barred = barred.filter(|(nth, name, _)| is_barred(*nth, name));
        let orders = barred.map(|(nth, name, email)| self.order(line, nth, (&name, email)));
        let mut orders: Vec<ListedOrder> = orders.collect();
        if orders.is_empty() {
            orders.extend(self.order_on_somebody(line));
        }
        orders
    }

    /// That a row speaks of an order, and on whom cannot be said.
    pub(super) fn order_on_somebody(&self, line: u64) -> Option<ListedOrder> {
        let mut cells = self.columns.orders(self.record);
        let is_said =
            cells.any(|(_, cell)| says_order(cell)) || self.record.iter().any(speaks_of_orders);
        is_said.then(|| ListedOrder {
            line,
            name: String::new(),
            source: None,
            guardian: None,
            student: self.student(),
            student_ids: Vec::new(),
        })
    }

    /// What a guardian is called, as it stands there, and their address, as far as it can be read.
    fn reached(&self, nth: u8) -> (String, Option<EmailAddress>) {
        let email = self.text(Column::Guardian(nth, Part::Email));
        (
            self.guardian_name(nth).unwrap_or_default(),
            EmailAddress::read_listed(email).ok().flatten(),
        )
    }

    fn order(
        &self,
        line: u64,
        nth: u8,
        (said, email): (&str, Option<EmailAddress>),
    ) -> ListedOrder {
        let (name, _) = without_order(said);
        let source = self.guardian_id(nth).ok().flatten();
        let guardian = Name::read(name).ok().map(|name| Guardian {
            name,
            email,
            mobile: String::new(),
            telephone: String::new(),
            relationship: String::new(),
            source: source.clone(),
            has_court_order: true,
        });
        ListedOrder {
            line,
            name: shown(name),
            source,
            guardian,
            student: self.student(),
            student_ids: self.ids(),
        }
    }
}

/// Whether a cell under a heading that speaks of orders says that there is one: whatever is no plain no.
fn says_order(cell: &str) -> bool {
    const NO: [&str; 9] = [
        "no",
        "n",
        "false",
        "0",
        "none",
        "nil",
        "nein",
        "non",
        "not applicable",
    ];
    let cell = text::unquoted(cell);
    let said = cell.to_lowercase();
    // What is not known here is no plain no.
    let is_unsure = matches!(said.as_str(), "tbc" | "tba" | "unknown" | "not known");
    is_unsure || (!text::is_nothing(cell) && !NO.contains(&said.as_str()))
}

/// What stands before brackets that speak of orders; and whether there are such, or it speaks of orders
/// itself.
pub(super) fn without_order(cell: &str) -> (&str, bool) {
    if !speaks_of_orders(cell) {
        return (cell, false);
    }
    match cell.split_once(['(', '[']) {
        Some((before, within)) if speaks_of_orders(within) && within.ends_with([')', ']']) => {
            (before.trim(), true)
        }
        Some(_) | None => (cell, true),
    }
}
