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

// The version of the runtime as the base image's label tells it: `stackdyno.version` on stand-ins.
std::string reported_version(const ports::ImageDescription& image) {
  const auto found = image.labels.find("stackdyno.version");
  return found == image.labels.end() ? std::string() : found->second;
}

// What the image is made from. Two stacks with the same key give the same image, so it names the tag.
std::string content_key(const model::Stack& stack, const std::vector<ResolvedBase>& bases) {
  std::string content = stack.hash;
  for (const auto& base : bases) content += fmt::format("\n{}={}", base.arg, base.image.id);
  for (const auto& [name, value] : stack.build.args) content += fmt::format("\n{}={}", name, value);
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

}  // namespace

Result<model::RunStack> prepare_image(const Rig& rig, const model::Stack& stack, std::stop_token stop) {
  model::RunStack prepared = identity_of(stack);
  std::vector<ResolvedBase> bases;
  for (const auto& base : stack.build.base) {
    auto resolved = resolve_base(rig.engine, base);
    if (!resolved && ends_the_run(resolved.error())) return fail(std::move(resolved.error()));
    if (!resolved) {
      prepared.failure = fmt::format("build_failed: {}", resolved.error().message);
      return prepared;
    }
    bases.push_back(std::move(*resolved));
  }
  prepared.base_kind = base_kind(bases);
  prepared.bases = describe_bases(bases);

  const std::string key = content_key(stack, bases);
  const std::string tag = fmt::format("stackdyno/{}:{}", stack.name, key.substr(0, 16));
  auto image = rig.engine.inspect_image(tag);
  if (!image && image.error().code != ErrorCode::not_found)
    return fail(std::move(image.error()), "looking for the image " + tag);
  if (!image) {
    ports::BuildRequest request;
    request.context_folder = stack.build.context == "." ? stack.folder : stack.folder + "/" + stack.build.context;
    request.dockerfile = stack.build.dockerfile;
    request.tag = tag;
    request.args = stack.build.args;
    for (const auto& base : bases) request.args[base.arg] = base.name;
    // An image outlives the run that built it, so it carries no run label and no sweep removes it.
    request.labels = {{"stackdyno.image", "stack"}, {"stackdyno.stack", stack.name}, {"stackdyno.content", key}};
    request.network = stack.build.network == model::BuildNetwork::packages;
    request.timeout = stack.build.timeout;
    auto built = rig.engine.build_image(
        request, [](std::string_view) {}, stop);
    if (!built && ends_the_run(built.error())) return fail(std::move(built.error()));
    if (!built) {
      prepared.failure = fmt::format("build_failed: {}", built.error().message);
      return prepared;
    }
    prepared.build = built->duration;
    image = rig.engine.inspect_image(built->image_id);
    if (!image) return fail(std::move(image.error()), "reading the image just built");
  }
  prepared.image_id = image->id;
  prepared.image_bytes = image->size;
  prepared.reported_version = reported_version(*image);
  return prepared;
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
