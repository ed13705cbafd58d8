//! `explain`: the documentation of a rule, as a page.

use anstyle::{AnsiColor, Style};
use skills_compiler::diagnostics::visible;
use skills_compiler::rules::{self, RULES, Rule};

use crate::error::Error;
use crate::output::Output;
use crate::rule_list::level;

/// The page of the rule with this code or name.
pub(crate) fn explain(asked: &str, output: Output) -> Result<String, Error> {
    let rule = rules::find(asked).ok_or_else(|| Error::UnknownRule {
        asked: asked.to_owned(),
        nearest: nearest(asked),
    })?;
    let title = format!("{} {} ({})", rule.code, rule.name, level(rule));
    let mut page = styled(output, Style::new().bold(), &title) + "\n\n";
    let mut is_code = false;
    for line in rule.documentation().lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else {
            page += &self::line(line, is_code, output);
            page.push('\n');
        }
    }
    Ok(page)
}

/// A line of Markdown: code is indented instead of fenced in, headings stand out.
fn line(line: &str, is_code: bool, output: Output) -> String {
    let line = visible(line);
    match line.strip_prefix("## ") {
        _ if is_code && line.is_empty() => line,
        _ if is_code => {
            let code = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
            format!("    {}", styled(output, code, &line))
        }
        Some(heading) => styled(output, Style::new().bold(), heading),
        None => line,
    }
}

fn styled(output: Output, style: Style, text: &str) -> String {
    if output.is_styled() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

/// The code or the name that was probably meant.
fn nearest(asked: &str) -> Option<&'static str> {
    let known = RULES.iter().flat_map(|rule: &&Rule| [rule.code, rule.name]);
    let near = known.map(|known| (distance(known, asked), known));
    let near = near.filter(|(distance, known)| *distance <= known.len().div_ceil(3));
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The edits between two words, whatever their case.
fn distance(known: &str, asked: &str) -> usize {
    strsim::osa_distance(&known.to_lowercase(), &asked.to_lowercase())
}
