//! JSON that says one thing only: an object that has a key twice is read in two ways by two readers, and a guard that reads
//! it one way lets through what the server reads the other.
//!
//! The same pass weighs the text (`weight.rs`), because bytes do not tell what a message costs: `{"":1}` takes a hundred
//! times its length once it is a tree.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::weight::{Limit, Weight};
use crate::text::escape_line;

/// Objects of up to so many keys are compared key by key; a set costs more than that.
const FEW: usize = 16;

/// How much of a key is repeated when it is refused, in characters.
const KEY_CHARS: usize = 100;

/// Why a text is not read.
#[derive(Debug)]
pub(crate) enum Defect {
    /// It is not JSON, or says two things.
    Json(serde_json::Error),
    /// There is more in it than is read.
    Limit(Limit),
}

/// Checks a text, and says what it weighs. Nothing is read beyond the first limit that it exceeds.
pub(crate) fn check(text: &str) -> Result<Weight, Defect> {
    check_within(text, 0)
}

/// The same for a text that stands in so many arrays and objects.
pub(crate) fn check_within(text: &str, levels: usize) -> Result<Weight, Defect> {
    let mut scale = Scale {
        weight: Weight::of_text(text),
        exceeded: None,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = scale.at(levels).deserialize(&mut deserializer);
    match read.and_then(|()| deserializer.end()) {
        Ok(()) => Ok(scale.weight),
        Err(error) => Err(scale.exceeded.map_or(Defect::Json(error), Defect::Limit)),
    }
}

/// What was weighed so far.
struct Scale {
    weight: Weight,
    exceeded: Option<Limit>,
}

impl Scale {
    const fn at(&mut self, level: usize) -> Strict<'_> {
        Strict { scale: self, level }
    }

    /// Goes on if a limit is kept.
    fn admit<E: Error>(&mut self, kept: Result<(), Limit>) -> Result<(), E> {
        kept.map_err(|limit| {
            self.exceeded = Some(limit);
            E::custom(limit)
        })
    }
}

/// Reads any value and keeps nothing of it.
struct Strict<'a> {
    scale: &'a mut Scale,
    /// How many arrays and objects the value is in.
    level: usize,
}

impl Strict<'_> {
    /// Counts an array or an object.
    fn open<E: Error>(&mut self) -> Result<(), E> {
        self.level += 1;
        self.scale.admit(Limit::Levels.keep(self.level))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let counted = self.scale.weight.add_value();
        self.scale.admit(counted)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.open()?;
        while items
            .next_element_seed(self.scale.at(self.level))?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.open()?;
        let mut keys = Keys::default();
        while let Some(key) = members.next_key_seed(Key)? {
            let counted = self.scale.weight.add_member(keys.is_empty());
            self.scale.admit(counted)?;
            if let Some(twice) = keys.add(key) {
                return Err(A::Error::custom(format_args!(
                    "the key `{}` occurs twice",
                    escape_line(&twice, KEY_CHARS)
                )));
            }
            members.next_value_seed(self.scale.at(self.level))?;
        }
        Ok(())
    }
}

/// A key, borrowed from the text unless it has escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Keys<'de> {
    const fn is_empty(&self) -> bool {
        self.few.is_empty()
    }

    /// The key again, if it is there already.
    fn add(&mut self, key: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.few.contains(&key) || self.many.contains(&key) {
            return Some(key);
        }
        if self.few.len() < FEW {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::weight::{Limit, Weight};
    use super::{Defect, check};

    fn problem(text: &str) -> String {
        match check(text) {
            Ok(weight) => panic!("{text} is accepted: {weight:?}"),
            Err(Defect::Json(error)) => error.to_string(),
            Err(Defect::Limit(limit)) => limit.to_string(),
        }
    }

    #[test]
    fn a_key_twice_is_found_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":[{"y":{"a":1,"b":2,"\u0061":3}}]}"#,
        ] {
            let error = problem(text);
            assert!(error.starts_with("the key `a` occurs twice"), "{error}");
        }
        let members: Vec<_> = (0..100).map(|index| format!("\"k{index}\":0")).collect();
        let many = members.join(",");
        assert!(check(&format!("{{{many}}}")).is_ok());
        assert!(check(&format!("{{{many},\"k7\":0}}")).is_err());
        assert!(check(&format!("{{{many},\"k77\":0}}")).is_err());
    }

    #[test]
    fn json_is_accepted_and_nothing_else_is() {
        for text in ["null", "[1,-2,3.5,true,\"\\n\",{}]", " {\"a\":{\"a\":[]}} "] {
            assert!(check(text).is_ok(), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        for text in ["", "{", "[1,]", "{} {}", "1e999", &deep] {
            assert!(check(text).is_err(), "{text}");
        }
    }

    /// The text is accepted with `count` of what is limited, and refused with one more.
    fn check_limit(limit: Limit, text: impl Fn(usize) -> String) {
        let most = limit.most();
        assert!(check(&text(most)).is_ok(), "{limit:?}");
        let refused = check(&text(most + 1));
        assert!(
            matches!(refused, Err(Defect::Limit(found)) if found == limit),
            "{limit:?}: {refused:?}"
        );
    }

    #[test]
    fn each_limit_holds_to_the_last_one() {
        check_limit(Limit::Levels, |count| {
            format!("{}{}", "[".repeat(count), "]".repeat(count))
        });
        check_limit(Limit::Levels, |count| {
            format!("{}1{}", "{\"a\":".repeat(count), "}".repeat(count))
        });
        // The array is a value, too.
        check_limit(Limit::Values, |count| {
            format!("[{}]", vec!["1"; count - 1].join(","))
        });
        check_limit(Limit::Values, |count| {
            format!("[{}]", vec!["[]"; count - 1].join(","))
        });
        // Three to an object, so that there are not too many values before.
        check_limit(Limit::Members, |count| {
            let mut objects = vec!["{\"a\":1,\"b\":1,\"c\":1}"; count / 3];
            objects.extend(vec!["{\"\":1}"; count % 3]);
            format!("[{}]", objects.join(","))
        });
        check_limit(Limit::Members, |count| {
            let members: Vec<_> = (0..count).map(|index| format!("\"{index}\":1")).collect();
            format!("{{{}}}", members.join(","))
        });
    }

    #[test]
    fn nothing_is_read_beyond_a_limit() {
        let text = format!("[{}", "1,".repeat(Limit::Values.most() + 1));
        assert!(matches!(check(&text), Err(Defect::Limit(Limit::Values))));
    }

    /// What a tree holds, counted the plain way.
    fn model(value: &Value, weight: &mut Weight) {
        weight.values += 1;
        match value {
            Value::Array(items) => items.iter().for_each(|item| model(item, weight)),
            Value::Object(members) => {
                weight.members += members.len();
                weight.objects += usize::from(!members.is_empty());
                members.values().for_each(|member| model(member, weight));
            }
            _ => {}
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 200, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_weight_is_that_of_the_tree(value in json(), pretty in any::<bool>()) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            let mut expected = Weight::of_text(&text);
            model(&value, &mut expected);
            prop_assert_eq!(check(&text).unwrap(), expected);
        }
    }
}
