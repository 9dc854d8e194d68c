// Why something could not be had, in the API's own words where it spoke.

export interface Fault {
  detail: string;
  code: string;
  pointer?: string;
  file?: string;
  line?: number;
}

export interface Problem {
  title: string;
  detail: string;
  status: number; // 0: no answer came
  errors?: Fault[];
}
