//! A name that almost is one, a name that is like none, and no name.

extern crate self as skills_runtime;
use skills_model as model;

skills_macro::bundle!("skills");

fn main() {
    println!("{}", skills_macro::skill!("pdf-form").description);
    println!("{}", skills_macro::skill!("spreadsheets").description);
    println!("{}", skills_macro::skill!(pdf).description);
}
