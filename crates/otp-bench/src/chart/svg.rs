//! A picture in SVG, written by hand: rectangles, lines and text are all it takes.

use std::fmt::Write;

/// A picture that is being drawn.
#[derive(Debug, Default)]
pub(super) struct Svg {
    body: String,
}

/// Which end of a text stands at its position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.element(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    /// A line straight down.
    pub(super) fn line(&mut self, class: &str, (x, y): (f64, f64), length: f64) {
        let end = y + length;
        self.element(format_args!(
            r#"<line class="{class}" x1="{x:.1}" y1="{y:.1}" x2="{x:.1}" y2="{end:.1}"/>"#
        ));
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.element(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// The whole document. The description is for those who cannot see the picture.
    pub(super) fn finish(
        self,
        (width, height): (f64, f64),
        style: &str,
        description: &str,
    ) -> String {
        let Self { body } = self;
        let description = escaped(description);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
             <title>{description}</title>\n<style>\n{style}</style>\n{body}</svg>\n"
        )
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("a string takes all that is written to it");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Svg};

    #[test]
    fn text_cannot_break_out_of_its_element() {
        let mut svg = Svg::default();
        svg.text("name", (1.0, 2.0), Anchor::End, "<a> & b");
        let document = svg.finish((10.0, 20.0), "", "less < more");
        assert!(document.contains(">&lt;a&gt; &amp; b</text>"), "{document}");
        assert!(
            document.contains("<title>less &lt; more</title>"),
            "{document}"
        );
    }
}
