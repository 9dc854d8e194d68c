#include "run/images.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/sha256.h"
#include "base/text.h"

namespace dyno::run {
namespace {

struct ResolvedBase {
  std::string arg;
  std::string name;  // the image's name, or the stand-in's
  ports::ImageDescription image;
  bool stand_in = false;
};

Result<ResolvedBase> resolve_base(ports::ContainerEngine& engine, const model::BaseImage& base) {
  if (auto official = engine.inspect_image(base.image))
    return ResolvedBase{base.arg, base.image, std::move(*official), false};
  else if (official.error().code != ErrorCode::not_found) return fail(std::move(official.error()));
  auto stand_in = engine.inspect_image(base.stand_in);
  if (stand_in) return ResolvedBase{base.arg, base.stand_in, std::move(*stand_in), true};
  if (stand_in.error().code != ErrorCode::not_found) return fail(std::move(stand_in.error()));
  return fail(ErrorCode::not_found,
              fmt::format("neither the base image {} nor its stand-in {} is there; run `make setup`", base.image,
                          base.stand_in));
}

std::string base_kind(const std::vector<ResolvedBase>& bases) {
  if (bases.empty()) return "none";
  for (const auto& base : bases) {
    if (base.stand_in) return "stand_in";
  }
  return "official";
}

std::string describe_bases(const std::vector<ResolvedBase>& bases) {
  std::string text;
  for (const auto& base : bases) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}={}@{}", base.arg, base.name, base.image.id);
  }
  return text;
}

// The version of the runtime as the bases tell it: stand-ins by the label `stackdyno.version`, official images by the variable
// that each of them sets. Not the app's own image, which may be one file on nothing. Empty: none tells it, as with C++.
std::string reported_version(model::Runtime runtime, const std::vector<ResolvedBase>& bases) {
  static const std::map<model::Runtime, std::string> kVariables{{model::Runtime::node, "NODE_VERSION"},
                                                                {model::Runtime::go, "GOLANG_VERSION"},
                                                                {model::Runtime::python, "PYTHON_VERSION"}};
  for (const auto& base : bases) {
    if (const auto label = base.image.labels.find("stackdyno.version"); label != base.image.labels.end())
      return label->second;
    const auto variable = kVariables.find(runtime);
    if (variable == kVariables.end()) continue;
    if (const auto set = base.image.env.find(variable->second); set != base.image.env.end()) return set->second;
  }
  return {};
}

// A folder that an image is built from.
struct Source {
  std::string kind;  // stack, service
  const std::string& name;
  const std::string& folder;
  const std::string& hash;
  const model::StackBuild& build;
};

struct MadeImage {
  ports::ImageDescription image;
  std::vector<ResolvedBase> bases;
  std::optional<Nanos> build;
  std::string failure;  // not empty: there is no image
};

// What the image is made from. Two sources with the same key give the same image, so it names the tag.
std::string content_key(const Source& source, const std::vector<ResolvedBase>& bases) {
  std::string content = source.hash;
  for (const auto& base : bases) content += fmt::format("\n{}={}", base.arg, base.image.id);
  for (const auto& [name, value] : source.build.args) content += fmt::format("\n{}={}", name, value);
  return sha256_hex(content);
}

model::RunStack identity_of(const model::Stack& stack) {
  model::RunStack prepared;
  prepared.name = stack.name;
  prepared.title = stack.title;
  prepared.runtime = to_string(stack.runtime);
  prepared.stack_class = to_string(stack.stack_class);
  prepared.hash = stack.hash;
  return prepared;
}

bool ends_the_run(const Error& error) {
  return error.code == ErrorCode::cancelled || error.code == ErrorCode::unavailable;
}

Result<MadeImage> build_image(const Rig& rig, const Source& source, MadeImage made, const std::stop_token& stop) {
  const std::string key = content_key(source, made.bases);
  const std::string tag = fmt::format("stackdyno/{}:{}", source.name, key.substr(0, 16));
  auto image = rig.engine.inspect_image(tag);
  if (!image && image.error().code != ErrorCode::not_found)
    return fail(std::move(image.error()), "looking for the image " + tag);
  if (!image) {
    ports::BuildRequest request;
    request.context_folder = source.build.context == "." ? source.folder : source.folder + "/" + source.build.context;
    request.dockerfile = source.build.dockerfile;
    request.tag = tag;
    request.args = source.build.args;
    for (const auto& base : made.bases) request.args[base.arg] = base.name;
    // An image outlives the run that built it, so it carries no run label and no sweep removes it.
    request.labels = {
        {"stackdyno.image", source.kind}, {"stackdyno." + source.kind, source.name}, {"stackdyno.content", key}};
    request.network = source.build.network == model::BuildNetwork::packages;
    request.timeout = source.build.timeout;
    auto built = rig.engine.build_image(
        request, [](std::string_view) {}, stop);
    if (!built && ends_the_run(built.error())) return fail(std::move(built.error()));
    if (!built) {
      made.failure = fmt::format("build_failed: {}", built.error().message);
      return made;
    }
    made.build = built->duration;
    image = rig.engine.inspect_image(built->image_id);
    if (!image) return fail(std::move(image.error()), "reading the image just built");
  }
  made.image = std::move(*image);
  return made;
}

// The image of a source: that which was built from the same content, or a new one.
Result<MadeImage> make_image(const Rig& rig, const Source& source, const std::stop_token& stop) {
  MadeImage made;
  for (const auto& base : source.build.base) {
    auto resolved = resolve_base(rig.engine, base);
    if (!resolved && ends_the_run(resolved.error())) return fail(std::move(resolved.error()));
    if (!resolved) {
      made.failure = fmt::format("build_failed: {}", resolved.error().message);
      return made;
    }
    made.bases.push_back(std::move(*resolved));
  }
  return build_image(rig, source, std::move(made), stop);
}

}  // namespace

Result<model::RunStack> prepare_image(const Rig& rig, const model::Stack& stack, std::stop_token stop) {
  // A variant's image is its stack's wherever they are built alike.
  const std::string& owner = stack.variant_of.empty() ? stack.name : stack.variant_of;
  auto made = make_image(rig, {"stack", owner, stack.folder, stack.hash, stack.build}, stop);
  if (!made) return fail(std::move(made.error()));
  model::RunStack prepared = identity_of(stack);
  prepared.base_kind = base_kind(made->bases);
  prepared.bases = describe_bases(made->bases);
  prepared.failure = made->failure;
  if (!prepared.failure.empty()) return prepared;
  prepared.build = made->build;
  prepared.image_id = made->image.id;
  prepared.image_bytes = made->image.size;
  prepared.reported_version = reported_version(stack.runtime, made->bases);
  return prepared;
}

Result<ServiceImage> prepare_service_image(const Rig& rig, const model::Service& service, std::stop_token stop) {
  auto made = make_image(rig, {"service", service.name, service.folder, service.hash, service.build}, stop);
  if (!made) return fail(std::move(made.error()));
  if (!made->failure.empty()) return fail(ErrorCode::invalid_argument, made->failure);
  return ServiceImage{made->image.id, base_kind(made->bases), describe_bases(made->bases), made->build};
}

Result<std::string> prepare_sandbox_image(const Rig& rig, std::string_view program_hash) {
  const std::string tag = fmt::format("stackdyno/sandbox:{}", program_hash.substr(0, 16));
  auto image = rig.engine.inspect_image(tag);
  if (image) return image->id;
  if (image.error().code != ErrorCode::not_found)
    return fail(std::move(image.error()), "looking for the sandbox's image");
  return rig.engine.import_program(rig.exec_program, tag, {{"stackdyno.image", "sandbox"}});
}

}  // namespace dyno::run
