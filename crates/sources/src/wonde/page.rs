//! One page of records ("Pagination").

use serde_json::Value;

/// What a page holds, and where the next is.
#[derive(Debug)]
pub(super) struct Page {
    /// Its records.
    pub(super) data: Vec<Value>,
    /// The address of the next page; nothing on the last.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads the page that is the `nth`, the first being 1.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(bytes: &[u8], nth: usize) -> Result<Self, &'static str> {
        let mut whole: Value =
            serde_json::from_slice(bytes).map_err(|_not_json| "the answer is no JSON")?;
        let Some(Value::Array(data)) = whole.get_mut("data").map(Value::take) else {
            return Err("the answer has no list \"data\"");
        };
        let pagination = whole.get("meta").and_then(|it| it.get("pagination"));
        let Some(pagination) = pagination.filter(|it| it.is_object()) else {
            return Err("the answer has no \"meta.pagination\"");
        };
        let is_another = pagination
            .get("current_page")
            .and_then(Value::as_u64)
            .is_some_and(|it| it != nth as u64);
        if is_another {
            return Err("it is another page than was asked for");
        }
        let next = pagination.get("next").and_then(Value::as_str);
        let next = next.filter(|it| !it.is_empty()).map(str::to_owned);
        if next.is_none() && pagination.get("more") == Some(&Value::Bool(true)) {
            return Err("there are more pages, and it does not say where");
        }
        Ok(Self { data, next })
    }
}
