// What a stack started from where it is an image that was not built here, and what its container may do that others may not.
import * as client from '../../api/client';
import { imageOf, type RunStack } from '../../model/run';
import { useLoad } from '../use_load';

export function StackOrigin({ stack }: { stack: RunStack }) {
  // What it may do is told by its file: of one that says something else by now nothing is known.
  const known = useLoad(`stack ${stack.name}`, () => client.stack(stack.name));
  const load = known.now.value;
  const why =
    load.status === 'ready' && load.value.hash === stack.hash && load.value.hardened === false
      ? load.value.why_not_hardened
      : undefined;
  const image = imageOf(stack);
  return (
    <>
      {image !== undefined && (
        <p class="soft small">
          Started from the image <code>{image}</code>
        </p>
      )}
      {why !== undefined && (
        <p class="small">
          <span class="tag warn">not hardened</span> <span class="soft">{why}</span>
        </p>
      )}
    </>
  );
}
