//! `term!`.

/// Makes a [`Term`](crate::Term) of text that looks like Erlang.
///
/// - a bare word is an atom: `ok`. One that Rust cannot read as a word is written in quotes after `@`: `@"Elixir.Point"`.
/// - `"text"` is a binary, as in Elixir; numbers are numbers.
/// - `{a, b}` is a tuple, `[a, b]` a list, `[a | b]` an improper one, `#{k => v}` a map.
/// - any other expression that converts into a term is in parentheses: `(pid)`, `(1 + 1)`.
///
/// # Panics
///
/// When an atom in quotes has more than 255 bytes.
///
/// # Examples
///
/// ```
/// use otp_etf::term;
///
/// let name = String::from("egg");
/// let term = term!({put, #{name => (name), price => 0.5, tags => ["food"], note => nil}, -1, []});
/// assert_eq!(
///     term.to_string(),
///     r##"{put,#{name => <<"egg">>,note => nil,price => 0.5,tags => [<<"food">>]},-1,[]}"##
/// );
/// assert_eq!(term!([a, b | c]).to_string(), "[a,b|c]");
/// assert_eq!(term!(#{@"__struct__" => @"Elixir.Point", x => 1}).inspect().to_string(), "%Point{x: 1}");
/// ```
#[macro_export]
macro_rules! term {
    // Keys and values, collected before the rest. These rules come first: those below match any word after `@`.
    (@map [$($done:expr,)*]) => { $crate::Term::map([$($done),*]) };
    (@map [$($done:expr,)*] - $key:literal => $($rest:tt)*) => {
        $crate::term!(@value [$($done,)*] ($crate::Term::from(-$key)) $($rest)*)
    };
    (@map [$($done:expr,)*] # $key:tt => $($rest:tt)*) => {
        $crate::term!(@value [$($done,)*] ($crate::term!(# $key)) $($rest)*)
    };
    (@map [$($done:expr,)*] @ $key:literal => $($rest:tt)*) => {
        $crate::term!(@value [$($done,)*] ($crate::term!(@ $key)) $($rest)*)
    };
    (@map [$($done:expr,)*] $key:tt => $($rest:tt)*) => {
        $crate::term!(@value [$($done,)*] ($crate::term!($key)) $($rest)*)
    };
    (@value [$($done:expr,)*] $key:tt - $value:literal $(, $($rest:tt)*)?) => {
        $crate::term!(@map [$($done,)* ($key, $crate::Term::from(-$value)),] $($($rest)*)?)
    };
    (@value [$($done:expr,)*] $key:tt # $value:tt $(, $($rest:tt)*)?) => {
        $crate::term!(@map [$($done,)* ($key, $crate::term!(# $value)),] $($($rest)*)?)
    };
    (@value [$($done:expr,)*] $key:tt @ $value:literal $(, $($rest:tt)*)?) => {
        $crate::term!(@map [$($done,)* ($key, $crate::term!(@ $value)),] $($($rest)*)?)
    };
    (@value [$($done:expr,)*] $key:tt $value:tt $(, $($rest:tt)*)?) => {
        $crate::term!(@map [$($done,)* ($key, $crate::term!($value)),] $($($rest)*)?)
    };
    // Elements, likewise.
    (@list [$($done:expr,)*]) => { $crate::Term::list([$($done),*]) };
    (@tuple [$($done:expr,)*]) => { $crate::Term::tuple([$($done),*]) };
    (@list [$($done:expr,)*] | $($tail:tt)+) => {
        $crate::Term::list_with_tail(vec![$($done),*], $crate::term!($($tail)+))
    };
    (@$kind:ident [$($done:expr,)*] - $number:literal $($rest:tt)*) => {
        $crate::term!(@next $kind [$($done,)* $crate::Term::from(-$number),] $($rest)*)
    };
    (@$kind:ident [$($done:expr,)*] # $map:tt $($rest:tt)*) => {
        $crate::term!(@next $kind [$($done,)* $crate::term!(# $map),] $($rest)*)
    };
    (@$kind:ident [$($done:expr,)*] @ $atom:literal $($rest:tt)*) => {
        $crate::term!(@next $kind [$($done,)* $crate::term!(@ $atom),] $($rest)*)
    };
    (@next $kind:ident [$($done:expr,)*] , $($rest:tt)*) => { $crate::term!(@$kind [$($done,)*] $($rest)*) };
    (@next list [$($done:expr,)*] | $($tail:tt)+) => { $crate::term!(@list [$($done,)*] | $($tail)+) };
    (@next $kind:ident [$($done:expr,)*]) => { $crate::term!(@$kind [$($done,)*]) };
    (@list [$($done:expr,)*] $element:tt $($rest:tt)*) => {
        $crate::term!(@next list [$($done,)* $crate::term!($element),] $($rest)*)
    };
    (@tuple [$($done:expr,)*] $element:tt $($rest:tt)*) => {
        $crate::term!(@next tuple [$($done,)* $crate::term!($element),] $($rest)*)
    };
    // Whole terms.
    (@ $atom:literal) => { $crate::Term::Atom(const { $crate::Atom::constant($atom) }) };
    (# { $($entries:tt)* }) => { $crate::term!(@map [] $($entries)*) };
    ([ $($elements:tt)* ]) => { $crate::term!(@list [] $($elements)*) };
    ({ $($elements:tt)* }) => { $crate::term!(@tuple [] $($elements)*) };
    (- $number:literal) => { $crate::Term::from(-$number) };
    ($atom:ident) => { $crate::Term::Atom(const { $crate::Atom::constant(stringify!($atom)) }) };
    ($value:expr) => { $crate::Term::from($value) };
}
