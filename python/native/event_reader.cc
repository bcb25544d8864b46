#include "event_reader.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_capsules.h"
#include "base/escape_text.h"
#include "bill.h"
#include "billing/choose_format.h"
#include "billing/money.h"
#include "errors.h"
#include "event_decoder.h"
#include "file_piece.h"
#include "formats/input_format.h"
#include "interrupts.h"
#include "io/file_source.h"
#include "io/input_sample.h"
#include "keywords.h"
#include "options/aggregate_job.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Turns records into tables of events, with fields of theirs beside them.

fields maps names of columns to what they hold of a record: a field, a piece of a list (`FIELD:first`),
a template ('$request_method $path') or several with commas, of which the first counts that is there.
Options are those of `billing aggregate` that say what records are and which are wanted: formats, fields
and filters. There are no measures and no duplicates, and no prices. What is constant is said with `=`:
user="=-", quantity="1". The unit and the digits of the first input are those of all.

read_lines(lines, name, first_line=1), read_file(path, begin=0, end=None) and iterate_file(...) decode on
the calling thread without the GIL (a compressed file is decompressed ahead by one more). One call at a
time; readers are independent.

Raises ConfigurationError, Error (a file cannot be read or changed meanwhile), TypeError,
KeyboardInterrupt.)";

constexpr const char* kEventsDoc =
    R"(Events of records: a table in memory, in the order of the input.

Columns: time (timestamp[ns, UTC]), user and task (strings), status (int32, null where there is none),
quantity (int64, or decimal128(19, digits)), offset (int64: where the record begins, in bytes of the
input, decompressed), then a string for each field that was asked for, null where it is missing. What is
not UTF-8 in these is written \xhh for each byte. len() is the number of events; totals (a dict) and
rejects (a table) tell of all other records.)";

constexpr const char* kPiecesDoc =
    R"(The events of a file, piece by piece: an iterator of Events, which holds one at a time in memory.)";

KeywordRules reader_rules() {
  KeywordRules rules{"EventReader", program_refusals(/*reads_env=*/false), {"fields"}};
  const auto refuse = [&rules](std::initializer_list<std::string_view> keywords,
                               const char* advice) {
    for (const std::string_view keyword : keywords) rules.refused.push_back({keyword, advice});
  };
  refuse({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by"},
         "has no meaning here: read_file() and read_lines() say what is read");
  refuse({"rate", "rates", "unrated", "rounding", "scale", "group_by", "cycle", "anchor_day"},
         "has no meaning here: events are neither added up nor billed");
  refuse({"partial", "state", "rejects", "max_rejects", "duplicates", "csv_safe"},
         "an EventReader writes no files; see Events.rejects and Events.totals");
  refuse({"dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window"},
         "an EventReader finds no duplicates; drop them where its events go");
  refuse({"measure"}, "an event has one quantity; read others as fields");
  refuse({"unwrap", "stream"}, "an EventReader takes lines as they stand");
  refuse({"threads", "memory_limit", "temp_dir"}, "an EventReader works on the calling thread");
  refuse({"naive", "parallel", "slice_bytes"}, "has no meaning here");
  return rules;
}

AggregateJob job_of(const nb::dict& keywords) {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  set_keywords(options, reader_rules(), keywords);
  flags.inputs = {"."};  // an input of its own is never read
  Mistakes mistakes;
  AggregateJob job = make_aggregate_job(flags, Settings(), mistakes);
  mistakes.report();
  return job;
}

/// Columns of fields, and their selectors.
struct FieldColumns {
  std::vector<std::string> names;
  std::vector<std::string> selectors;
};

FieldColumns columns_of(const nb::object& fields) {
  FieldColumns columns;
  if (fields.is_none()) return columns;
  if (!nb::isinstance<nb::dict>(fields))
    throw nb::type_error("fields: must be a dict of names and what they hold of a record");
  for (const auto& [name, selector] : nb::borrow<nb::dict>(fields)) {
    if (!nb::isinstance<nb::str>(name) || !nb::isinstance<nb::str>(selector))
      throw nb::type_error("fields: must map str to str");
    columns.names.push_back(nb::cast<std::string>(name));
    columns.selectors.push_back(nb::cast<std::string>(selector));
    const std::string& last = columns.names.back();
    if (!is_event_column(last) && !last.empty() && last.find('\0') == std::string::npos) continue;
    throw Error(ErrorKind::configuration,
                "\1fields: " + quoted_text(last) +
                    (is_event_column(last) ? " is a column of all events; give it another name"
                                           : " is no name of a column"));
  }
  return columns;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// How inputs are read: as each begins. One thread at a time.
class EventFormats {
 public:
  EventFormats(AggregateJob job, FieldColumns columns)
      : job_(std::move(job)), columns_(std::move(columns)) {}

  const AggregateJob& job() const { return job_; }

  /// Throws Error(configuration) where no format fits, or the options make no sense with it.
  const MediationOptions& choose(const InputSample& sample) {
    const ChosenFormats chosen =
        choose_formats(job_.format, 1, [&sample](std::size_t) { return sample; });
    RecordFormat format = chosen.formats.front();
    if (format.wrapper != Wrapper::none) {
      throw Error(ErrorKind::configuration,
                  sample.name +
                      ": is a log of a container or of syslog, and an EventReader takes "
                      "lines as they stand");
    }
    // An input of nothing is taken for text, which has no fields.
    if (!is_blank(sample.bytes)) {
      format.kept_fields = columns_.selectors;
      job_.format.kept_quantity = format.quantity;
    }
    if (!ready_.format || !(ready_.format->settings() == format)) {
      ready_ = job_.mediation;
      ready_.format = make_input_format(format);
    }
    return ready_;
  }

  DecodedEvents no_events() const {
    DecodedEvents events;
    const QuantityRules quantity = job_.format.kept_quantity.value_or(QuantityRules());
    events.table->field_names = columns_.names;
    events.table->quantity_digits = job_.format.kept_quantity
                                        ? quantity.digits
                                        : job_.format.quantity_digits.value_or(quantity.digits);
    events.unit =
        job_.format.kept_quantity ? quantity.unit : job_.format.unit.value_or(quantity.unit);
    return events;
  }

 private:
  AggregateJob job_;
  FieldColumns columns_;
  MediationOptions ready_;
};

/// A file, or a piece of it, that is decoded chunk by chunk.
class FileEvents {
 public:
  FileEvents(EventFormats& formats, const std::string& path, std::uint64_t begin,
             std::optional<std::uint64_t> end, std::function<void()> checkpoint)
      : formats_(formats), inputs_(open_inputs({path})) {
    Input& input = inputs_.front();
    if (formats.job().max_input_bytes) input.set_max_text_bytes(*formats.job().max_input_bytes);
    if (input.counted_bytes() == 0) return;
    SampleText text = sample_of(input, kSampleBytes, checkpoint);
    MediationOptions mediation =
        formats.choose({input.name(), std::move(text.bytes), text.is_whole});
    lines_ = lines_of(input, begin, end);
    refuse_pieces(*mediation.format);
    if (!lines_.is_whole && lines_.begin_bytes == lines_.end_bytes) return;
    if (lines_.begin_bytes > 0) lseek(input.fd(), static_cast<off_t>(lines_.begin_bytes), SEEK_SET);
    const auto cutters = [format = mediation.format, at_start = lines_.begin_bytes == 0,
                          max_bytes = mediation.max_record_bytes](std::size_t) {
      return make_cutter(*format, at_start, max_bytes);
    };
    source_ =
        std::make_unique<FileSource>(inputs_, formats.job().chunk_bytes, mediation.max_record_bytes,
                                     cutters, std::move(checkpoint));
    decoder_ = std::make_unique<EventDecoder>(std::move(mediation), formats.job().usage.filter,
                                              input.name(), lines_.begin_bytes,
                                              lines_.begin_bytes == 0 ? 1 : 0);
  }

  /// Adds the events of the next chunk; false behind the last.
  bool next(DecodedEvents& events) {
    if (decoder_ == nullptr) return false;
    Chunk& chunk = chunk_;
    if ((lines_.is_whole || decoder_->next_byte() < lines_.end_bytes) && source_->next(chunk)) {
      if (!lines_.is_whole && decoder_->next_byte() + chunk.bytes.size() > lines_.end_bytes &&
          !chunk.cut)
        chunk.bytes = chunk.bytes.substr(0, lines_.end_bytes - decoder_->next_byte());
      decoder_->decode(chunk, events);
      return true;
    }
    inputs_.front().verify_unchanged();
    decoder_.reset();
    return false;
  }

  DecodedEvents no_events() const { return formats_.no_events(); }

 private:
  void refuse_pieces(const InputFormat& format) const {
    if (lines_.is_whole || format.may_be_cut_at_lines()) return;
    throw Error(ErrorKind::configuration,
                "records of " + format.settings().name +
                    " may span lines or depend on those before, so that there are no pieces of "
                    "such a file; leave out begin and end");
  }

  EventFormats& formats_;
  std::vector<Input> inputs_;
  LineRange lines_;
  std::unique_ptr<FileSource> source_;
  Chunk chunk_;
  std::unique_ptr<EventDecoder> decoder_;
};

class Reader {
 public:
  Reader(const nb::object& fields, const nb::dict& keywords)
      : formats_(job_of(keywords), columns_of(fields)) {}

  DecodedEvents read_lines(std::string_view bytes, const std::string& name,
                           std::uint64_t first_line) {
    DecodedEvents events;
    work([&] {
      const MediationOptions mediation = formats_.choose(
          {name, std::string(bytes.substr(0, kSampleBytes)), bytes.size() <= kSampleBytes});
      events = formats_.no_events();
      const auto cutters = [&] {
        return make_cutter(*mediation.format, true, mediation.max_record_bytes);
      };
      const auto source = records_in_memory({{name, bytes}}, formats_.job().chunk_bytes, cutters);
      EventDecoder decoder(mediation, formats_.job().usage.filter, name, 0, first_line);
      for (Chunk chunk; source->next(chunk);) {
        check();
        decoder.decode(chunk, events);
      }
    });
    return events;
  }

  DecodedEvents read_file(const std::string& path, std::uint64_t begin,
                          std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    DecodedEvents events;
    work([&] {
      FileEvents file(formats_, path, begin, end, [this] { check(); });
      events = file.no_events();
      while (file.next(events)) continue;
    });
    return events;
  }

  std::unique_ptr<FileEvents> open_file(const std::string& path, std::uint64_t begin,
                                        std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    std::unique_ptr<FileEvents> file;
    work([&] {
      file = std::make_unique<FileEvents>(formats_, path, begin, end, [this] { check(); });
    });
    return file;
  }

  /// Nothing behind the last piece.
  std::optional<DecodedEvents> next(FileEvents& file) {
    std::optional<DecodedEvents> events;
    work([&] {
      DecodedEvents next = file.no_events();
      if (file.next(next)) events = std::move(next);
    });
    return events;
  }

 private:
  /// Runs a step of the work without the GIL, one at a time.
  template <class Step>
  void work(const Step& step) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock())
      throw Error(ErrorKind::run, "this EventReader is at work in another thread");
    Interrupts interrupts;
    interrupts_ = &interrupts;
    const std::unique_ptr<Interrupts*, void (*)(Interrupts**)> at_end(
        &interrupts_, [](Interrupts** last) { *last = nullptr; });
    try {
      const nb::gil_scoped_release release;
      step();
    } catch (const Error&) {
      interrupts.rethrow();
      throw;
    }
  }

  void check() const {
    if (interrupts_ != nullptr && interrupts_->poll())
      throw Error(ErrorKind::interrupted, "interrupted");
  }

  EventFormats formats_;
  Interrupts* interrupts_ = nullptr;  // of the call under way
  std::mutex mutex_;
};

/// Of a reader that outlives it.
struct EventPieces {
  Reader& reader;
  std::unique_ptr<FileEvents> file;
};

nb::dict totals_of(const DecodedEvents& events) {
  const InputTotals& totals = events.totals;
  nb::dict dict;
  dict["bytes"] = totals.bytes;
  dict["records"] = totals.records;
  dict["accepted"] = totals.accepted;
  dict["calls"] = totals.events;
  dict["rejected"] = totals.rejected_total();
  dict["filtered"] = totals.filtered;
  dict["blank"] = totals.blank;
  dict["directives"] = totals.directives;
  std::string quantity;
  append_shortest_amount(quantity, totals.accepted_quantity, events.table->quantity_digits);
  dict["quantity"] = nb::module_::import_("decimal").attr("Decimal")(quantity);
  dict["unit"] = events.unit;
  return dict;
}

void bind_events(nb::module_& module) {
  nb::class_<DecodedEvents>(module, "Events", kEventsDoc)
      .def("__len__", [](const DecodedEvents& events) { return events.table->size; })
      .def("__arrow_c_schema__",
           [](const DecodedEvents& events) { return schema_of(events.table->fields()); })
      .def(
          "__arrow_c_stream__",
          [](const DecodedEvents& events, nb::handle) {
            return stream_of(read_as_arrow(events.table));
          },
          "requested_schema"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("rejects", [](const DecodedEvents& events) { return Rejects{events.rejects}; })
      .def("__repr__", [](const DecodedEvents& events) {
        return "<billing.Events: " + std::to_string(events.table->size) + ">";
      });
  nb::class_<EventPieces>(module, "EventPieces", kPiecesDoc)
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", [](EventPieces& pieces) {
        std::optional<DecodedEvents> events = pieces.reader.next(*pieces.file);
        if (!events) throw nb::stop_iteration();
        return *std::move(events);
      });
}

}  // namespace

void bind_event_reader(nb::module_& module) {
  bind_events(module);
  nb::class_<Reader>(module, "EventReader", kDoc)
      .def(
          "__init__",
          [](Reader* self, nb::object fields, nb::kwargs keywords) {
            new (self) Reader(fields, nb::dict(keywords));
          },
          nb::kw_only(), "fields"_a = nb::none(), "options"_a)
      .def(
          "read_lines",
          [](Reader& reader, nb::bytes lines, nb::handle name, std::uint64_t first_line) {
            return reader.read_lines({lines.c_str(), lines.size()}, text_of(name, "name"),
                                     first_line);
          },
          "lines"_a, "name"_a, "first_line"_a = 1)
      .def(
          "read_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return reader.read_file(text_of(path, "path"), begin, end);
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none())
      .def(
          "iterate_file",
          [](Reader& reader, nb::handle path, std::uint64_t begin,
             std::optional<std::uint64_t> end) {
            return EventPieces{reader, reader.open_file(text_of(path, "path"), begin, end)};
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none(), nb::keep_alive<0, 1>());
}

}  // namespace billing::python
