//! Instants and durations, as far as functions need them: RFC 3339 in and out, Go's durations.

use crate::calendar::{Date, civil_from_days, days_from_civil, days_in};

/// An instant, with the offset from UTC that it was written with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Timestamp {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    /// Nanoseconds beyond them.
    pub nanoseconds: u32,
    /// Seconds by which the written time is ahead of UTC.
    pub offset: i32,
}

/// A day and a time of that day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parts {
    /// The year; year 1 is preceded by year 0.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
    /// 0 for Sunday.
    pub weekday: usize,
}

const DAY: i64 = 86_400;

/// Reads a text from its beginning.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Between so many and so many digits.
    pub fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok()
    }

    pub fn skip(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    pub fn next_is(&self, wanted: char) -> bool {
        self.rest.starts_with(wanted)
    }

    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Digits after a point, as nanoseconds; zero where there is no point.
    pub fn fraction(&mut self) -> Option<u32> {
        if !self.next_is('.') {
            return Some(0);
        }
        self.skip('.')?;
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        let padded: String = digits.chars().chain("000000000".chars()).take(9).collect();
        padded.parse().ok()
    }

    /// `Z`, `+02:00`.
    pub fn offset(&mut self) -> Option<i32> {
        if self.next_is('Z') {
            self.skip('Z')?;
            return Some(0);
        }
        let sign = if self.next_is('-') { -1 } else { 1 };
        self.skip(if sign < 0 { '-' } else { '+' })?;
        let hours = self.digits(2, 2).filter(|hours| *hours <= 23)?;
        self.skip(':')?;
        let minutes = self.digits(2, 2).filter(|minutes| *minutes <= 59)?;
        i32::try_from(hours * 3600 + minutes * 60).ok().map(|offset| sign * offset)
    }
}

impl Timestamp {
    /// An RFC 3339 timestamp, strictly; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = |what: &str| format!("not a valid RFC3339 timestamp: {what}");
        let mut reader = Reader::new(text);
        let part = |reader: &mut Reader, digits: usize, what: &str, range: std::ops::RangeInclusive<u32>| {
            let value = reader.digits(digits, digits).ok_or_else(|| invalid(&format!("cannot read the {what}")))?;
            if range.contains(&value) {
                Ok(value)
            } else {
                Err(invalid(&format!("{what} must be between {} and {} inclusive", range.start(), range.end())))
            }
        };
        let year = part(&mut reader, 4, "year", 0..=9999)?;
        reader.skip('-').ok_or_else(|| invalid("missing \"-\" after the year"))?;
        let month = part(&mut reader, 2, "month", 1..=12)?;
        reader.skip('-').ok_or_else(|| invalid("missing \"-\" after the month"))?;
        let day = part(&mut reader, 2, "day", 1..=days_in(i64::from(year), month)).map_err(|_| invalid("day out of range"))?;
        reader.skip('T').ok_or_else(|| invalid("missing required time introducer 'T'"))?;
        let hour = part(&mut reader, 2, "hour", 0..=23)?;
        reader.skip(':').ok_or_else(|| invalid("missing \":\" after the hour"))?;
        let minute = part(&mut reader, 2, "minute", 0..=59)?;
        reader.skip(':').ok_or_else(|| invalid("missing \":\" after the minute"))?;
        let second = part(&mut reader, 2, "second", 0..=59)?;
        let nanoseconds = reader.fraction().ok_or_else(|| invalid("cannot read the fraction of the second"))?;
        let offset = reader.offset().ok_or_else(|| invalid("cannot read the UTC offset"))?;
        if !reader.is_done() {
            return Err(invalid("extra text after the UTC offset"));
        }
        Ok(Self::new((i64::from(year), month, day), (hour, minute, second), nanoseconds, offset))
    }

    /// The instant of a time on a day, at an offset.
    pub fn new((year, month, day): (i64, u32, u32), (hour, minute, second): (u32, u32, u32), nanoseconds: u32, offset: i32) -> Self {
        let time = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Self { seconds: days_from_civil(year, month, day) * DAY + time - i64::from(offset), nanoseconds, offset }
    }

    /// Whether there is such a day.
    pub fn is_day(year: i64, month: u32, day: u32) -> bool {
        Date::new(year, month, day).is_some()
    }

    /// The instant so many nanoseconds later.
    #[must_use]
    pub fn plus(self, nanoseconds: i64) -> Self {
        const SECOND: i64 = 1_000_000_000;
        let sum = i64::from(self.nanoseconds) + nanoseconds.rem_euclid(SECOND);
        let seconds = self.seconds + nanoseconds.div_euclid(SECOND) + sum / SECOND;
        Self { seconds, nanoseconds: u32::try_from(sum % SECOND).unwrap_or(0), offset: self.offset }
    }

    /// Its day and time, at its offset.
    pub fn parts(&self) -> Parts {
        let local = self.seconds + i64::from(self.offset);
        let days = local.div_euclid(DAY);
        let time = u32::try_from(local.rem_euclid(DAY)).unwrap_or(0);
        let (year, month, day) = civil_from_days(days);
        let weekday = usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0);
        Parts { year, month, day, hour: time / 3600, minute: time / 60 % 60, second: time % 60, weekday }
    }

    /// Its offset as `+02:00`, or with nothing between hours and minutes.
    pub fn offset_text(&self, between: &str) -> String {
        let (sign, offset) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        format!("{sign}{:02}{between}{:02}", offset / 3600, offset / 60 % 60)
    }

    /// RFC 3339, without fractions of a second.
    pub fn rfc3339(&self) -> String {
        let Parts { year, month, day, hour, minute, second, .. } = self.parts();
        let zone = if self.offset == 0 { "Z".to_owned() } else { self.offset_text(":") };
        format!("{}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}", year_text(year))
    }
}

/// A year in at least four digits.
pub(super) fn year_text(year: i64) -> String {
    if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") }
}

/// A duration as Go writes it (`1h30m`, `-1.5h`), in nanoseconds.
pub(super) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole_end = rest.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(whole_end);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(after.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(after.len())),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after.find(|symbol: char| symbol == '.' || symbol.is_ascii_digit()).unwrap_or(after.len());
        let (unit_name, after) = after.split_at(unit_end);
        let unit: u64 = match unit_name {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let mut value = whole.checked_mul(unit).ok_or_else(invalid)?;
        if !fraction.is_empty() {
            // Digits that no longer fit are of no weight; the rest is scaled in floating point, as Go does it.
            let digits: &str = &fraction[..fraction.len().min(18)];
            let scale = 10_f64.powi(i32::try_from(digits.len()).unwrap_or(18));
            let numerator: u64 = digits.parse().map_err(|_| invalid())?;
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as Go computes it")]
            let part = (numerator as f64 * (unit as f64 / scale)) as u64;
            value = value.checked_add(part).ok_or_else(invalid)?;
        }
        total = total.checked_add(value).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
        rest = after;
    }
    if negative {
        return 0_i64.checked_sub_unsigned(total).ok_or_else(invalid);
    }
    i64::try_from(total).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_there_and_back() {
        for (year, month, day, days) in
            [(1970, 1, 1, 0), (2000, 2, 29, 11_016), (1969, 12, 31, -1), (0, 1, 1, -719_528), (2024, 3, 1, 19_783)]
        {
            assert_eq!(days_from_civil(year, month, day), days);
            assert_eq!(civil_from_days(days), (year, month, day));
        }
        for days in (-800_000..800_000).step_by(997) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn timestamps_are_read_strictly() {
        for text in ["2024-01-01T00:00:00Z", "2024-02-29T23:59:59+05:30", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"] {
            assert_eq!(Timestamp::parse(text).unwrap().rfc3339(), text);
        }
        assert_eq!(Timestamp::parse("2024-01-01T03:04:05.5-00:00").unwrap().rfc3339(), "2024-01-01T03:04:05Z");
        for text in [
            "2024-01-01",
            "2024-1-01T00:00:00Z",
            "2024-01-01T3:00:00Z",
            "2024-01-01t00:00:00Z",
            "2024-02-30T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00,5Z",
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00Zx",
            "",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_gos() {
        assert_eq!(parse_duration("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parse_duration("-1.5h"), Ok(-5_400_000_000_000));
        assert_eq!(parse_duration("2562047h47m16.854775807s"), Ok(i64::MAX));
        assert_eq!(parse_duration("-2562047h47m16.854775808s"), Ok(i64::MIN));
        assert_eq!(parse_duration("0"), Ok(0));
        for text in ["", "1", "1d", "1h 5m", "100000000h", ".", "h", "+", "1.h.", "--1s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addition_crosses_days_and_years() {
        let plus = |text: &str, by: &str| Timestamp::parse(text).unwrap().plus(parse_duration(by).unwrap()).rfc3339();
        assert_eq!(plus("2024-01-01T00:00:00+02:00", "-1.5h"), "2023-12-31T22:30:00+02:00");
        assert_eq!(plus("2024-01-01T03:04:05.999999999Z", "1ns"), "2024-01-01T03:04:06Z");
        assert_eq!(plus("9999-12-31T23:59:59Z", "1s"), "10000-01-01T00:00:00Z");
        assert_eq!(plus("0000-01-01T00:00:00Z", "-1s"), "-0001-12-31T23:59:59Z");
    }
}
