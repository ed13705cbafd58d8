//! A name that almost is one, a name that is nothing like any, and no name.

skills_macro::bundle!("skills");

fn main() {
    println!("{}", skills_macro::skill!("pdf-form").description);
    println!("{}", skills_macro::skill!("spreadsheets").description);
    println!("{}", skills_macro::skill!(pdf).description);
}
