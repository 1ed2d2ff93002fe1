//! A pile of things: what was put on it last comes off first.

/// The pile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    /// The top is at the end, where a vector grows.
    items: Vec<String>,
}

/// There is nothing to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stack is empty")]
pub struct Empty;

impl Stack {
    /// Makes a stack of these, the first at the top.
    pub fn new(mut items: Vec<String>) -> Self {
        items.reverse();
        Self { items }
    }

    /// Puts an item on the top.
    pub fn push(&mut self, item: String) {
        self.items.push(item);
    }

    /// Takes the item at the top.
    ///
    /// # Errors
    ///
    /// [`Empty`], and it stays so.
    pub fn pop(&mut self) -> Result<String, Empty> {
        self.items.pop().ok_or(Empty)
    }

    /// All that is there, the top first.
    pub fn items(&self) -> Vec<String> {
        self.items.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S15
    #[test]
    fn what_was_put_on_it_last_comes_off_first() {
        let mut stack = Stack::new(vec!["two".to_owned(), "one".to_owned()]);
        stack.push("three".to_owned());
        assert_eq!(stack.items(), ["three", "two", "one"]);
        assert_eq!(stack.pop().as_deref(), Ok("three"));
        assert_eq!(stack.pop().as_deref(), Ok("two"));
        assert_eq!(stack.pop().as_deref(), Ok("one"));
        assert_eq!(stack.pop(), Err(Empty));
        assert_eq!(stack, Stack::default());
    }
}
